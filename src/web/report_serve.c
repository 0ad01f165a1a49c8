// A report is a job whose key is its address: asked for again, it is there.
#include "web/report_serve.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <libdeflate.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "http/query.h"
#include "profile/merge.h"
#include "report/even_base.h"
#include "web/answers.h"
#include "web/site_state.h"

// Quick rather than tight: the other end is near.
enum { COMPRESSION_LEVEL = 1 };

static bool compress(struct str bytes, struct writer *w, struct error *err)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(COMPRESSION_LEVEL);
	size_t bound = c == NULL ? 0 : libdeflate_gzip_compress_bound(c, bytes.n);
	CLEANUP_FREE void *block = bound == 0 ? NULL : malloc(bound);

	if (block == NULL) {
		libdeflate_free_compressor(c);
		return error_set(err, ERROR_SYSTEM, "no memory to compress the report");
	}
	writer_bytes(w, block,
		     libdeflate_gzip_compress(c, bytes.p, bytes.n, block, bound));
	libdeflate_free_compressor(c);
	return true;
}

// The kernel refuses what goes beyond; a writer drops everything after its first failure,
// so that the rest of the report costs little.
static void limit_output(size_t bytes)
{
	const struct rlimit limit = { bytes, bytes };

	if (bytes == 0)
		return;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void cut_output(struct writer *w)
{
	w->errnum = 0;
	w->used = 0;
}

// A number of the address, 0 where it is none.
static uint32_t number(struct str query, const char *name)
{
	char text[16];
	uint64_t value = 0;

	(void)str_to_u64(http_query_value(query, str_from(name), text, sizeof(text)), 10,
			 &value);
	return (uint32_t)value;
}

// What the report is about: a profile, or its difference to another one (b=), made even
// where that is asked for (even=1). The profiles are the child's own copies.
static struct profile *subject(struct site *site, struct str query, struct error *err)
{
	struct site_profile *one = site_find_profile(site, number(query, "p"));
	struct site_profile *base = number(query, "b") == 0
					    ? NULL
					    : site_find_profile(site, number(query, "b"));

	if (one == NULL || (base == NULL && number(query, "b") != 0)) {
		error_set(err, ERROR_NOT_FOUND, "there is no such profile (any more)");
		return NULL;
	}
	if (one == base) {
		error_set(err, ERROR_USAGE, "a profile is not compared with itself");
		return NULL;
	}
	if (base != NULL &&
	    !merge_base_take(&one->profile, base->profile,
			     &(struct merge_base_options){ .is_diff = true }, err))
		return NULL;
	if (number(query, "even") == 1)
		even_base_apply(one->profile);
	return one->profile;
}

// Runs in the child. The key is "gzip 7 /api/flame?f=main": encoding, the newest profile
// (which an address without p= means), address.
static bool run(void *context, struct str key, struct writer *w, struct error *err)
{
	struct site *site = context;
	bool is_compressed = str_starts_with(key, STR("gzip"));
	struct str query = str_after(key, (size_t)str_find_char(key, '/')), path;
	struct writer text = writer_to_memory();
	const struct answer *answer;
	struct profile *profile;
	bool is_done;

	if (!str_cut(&query, '?', &path))
		return error_set(err, ERROR_USAGE, "the address has no report");
	answer = answer_find(path);
	limit_output(answer_limit(answer));
	profile = subject(site, query, err);
	is_done =
		profile != NULL && answer_write(answer, profile, &site->options->defaults,
						query, is_compressed ? &text : w, err);
	if (w->errnum == EFBIG)
		cut_output(w);
	if (is_done && is_compressed)
		is_done = compress(writer_contents(&text), w, err);
	writer_deinit(&text);
	return is_done;
}

static struct job *find_or_add(struct site *site, struct str key)
{
	struct job *job = jobs_find(&site->jobs, key);

	if (job == NULL)
		return jobs_add(&site->jobs, key,
				&(struct job_work){ .run = run, .context = site });
	job->users++;
	return job;
}

void report_serve(struct site *site, const struct answer *answer,
		  const struct http_request *request, struct http_ticket ticket)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct site_profile *profile =
		site_find_profile(site, number(request->query, "p"));
	bool is_compressed = answer_is_text(answer) &&
			     str_find(request->accept_encoding, STR("gzip")) >= 0;
	struct job *job;
	struct str key;

	if (profile == NULL) {
		site_refuse(site, ticket, 404, "there is no such profile (any more)");
		return;
	}
	key = str_format(&scratch, "%s %u %.*s?%.*s", is_compressed ? "gzip" : "plain",
			 profile->id, (int)request->path.n, request->path.p,
			 (int)request->query.n, request->query.p);
	job = find_or_add(site, key);
	if (job == NULL) {
		site_refuse(site, ticket, 503, "too many reports at once; try again");
		return;
	}
	site_await(site, ticket, job, answer_type(answer), answer_headers(answer));
	site->exchanges[ticket.slot].is_compressed = is_compressed;
}

void report_prepare(struct site *site, struct site_profile *profile)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str key = str_format(&scratch, "gzip %u /api/flame?", profile->id);

	(void)find_or_add(site, key);
}
