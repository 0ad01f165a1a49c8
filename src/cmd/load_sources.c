// Gathers, reports what failed, and merges.
#include "cmd/load_sources.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "cmd/fetch_progress.h"
#include "cmd/report_request.h"
#include "profile/merge.h"
#include "profile/profile.h"
#include "source/gather.h"

static bool is_program(const char *path)
{
	static const char elf_magic[] = { 0x7f, 'E', 'L', 'F' };
	CLEANUP_FILE FILE *file = fopen(path, "rbe");
	char magic[sizeof(elf_magic)];

	return file != NULL && fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
	       memcmp(magic, elf_magic, sizeof(magic)) == 0;
}

// As Go prints a duration of whole seconds.
static void print_wait(int64_t seconds)
{
	int64_t hours = seconds / 3600, minutes = seconds / 60 % 60;

	fputs("Please wait... (", stderr);
	if (hours > 0)
		fprintf(stderr, "%" PRId64 "h", hours);
	if (seconds >= 60)
		fprintf(stderr, "%" PRId64 "m", minutes);
	fprintf(stderr, "%" PRId64 "s)\n", seconds % 60);
}

// Scripts may look for these lines of pprof's.
static void announce(const struct gathered *items, size_t count, int64_t seconds)
{
	for (size_t i = 0; i < count; i++) {
		if (!items[i].is_remote)
			continue;
		fprintf(stderr, "Fetching profile over HTTP from %.*s\n",
			(int)items[i].url.text.n, items[i].url.text.p);
		if (seconds > 0)
			print_wait(seconds);
	}
}

static void note_remote(struct loaded *loaded, const struct gathered *item)
{
	if (!item->is_remote)
		return;
	loaded->has_remote = true;
	remote_sources_note(&loaded->remote, item->profile, &item->url);
}

// Merges those that were read; names the others.
static bool merge_good(struct loaded *loaded, const struct gathered *items, size_t count,
		       const char *what, struct profile **out, struct error *err)
{
	size_t capacity = 0, good = 0;
	CLEANUP_FREE struct profile **profiles =
		table_reserve(NULL, &capacity, count, sizeof(struct profile *));

	for (size_t i = 0; i < count; i++) {
		if (items[i].profile == NULL) {
			*err = items[i].err;
			if (count > 1)
				log_warn("%s", items[i].err.text);
			continue;
		}
		note_remote(loaded, &items[i]);
		profiles[good++] = items[i].profile;
	}
	if (good == 0 && count == 1)
		return false;
	if (good == 0)
		return error_set(err, ERROR_NOT_FOUND, "failed to fetch any %s profiles",
				 what);
	if (good < count)
		log_warn("Fetched %zu %s profiles out of %zu", good, what, count);
	return merge_take(profiles, good, out, err);
}

static void drop(const struct gathered *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (items[i].profile != NULL)
			profile_destroy(items[i].profile);
	}
}

static bool merge_all(struct loaded *loaded, const struct gathered *items,
		      size_t source_count, size_t base_count, struct error *err)
{
	const struct gathered *bases = items + source_count;

	if (!merge_good(loaded, items, source_count, "source", &loaded->profile, err)) {
		drop(bases, base_count);
		return false;
	}
	return base_count == 0 ||
	       merge_good(loaded, bases, base_count, "base", &loaded->base, err);
}

bool load_sources(const struct report_request *request, struct loaded *out,
		  struct error *err)
{
	struct url_wish wish = { request->seconds, request->timeout_seconds };
	size_t skipped = request->source_count > 1 && is_program(request->sources[0]);
	size_t source_count = request->source_count - skipped;
	size_t count = source_count + request->base_count;
	struct fetch_progress_line line = fetch_progress_line();
	struct gathered *items;

	*out = (struct loaded){ .binary = skipped > 0 ? request->sources[0] : NULL };
	items = arena_array(&out->arena, count, sizeof(struct gathered));
	for (size_t i = 0; i < count; i++)
		items[i].word = i < source_count ? request->sources[skipped + i]
						 : request->bases[i - source_count];
	gather_plan(items, count, &wish, &out->arena);
	announce(items, count, request->seconds);
	gather_read(items, count, &request->fetch, &line.watch);
	if (merge_all(out, items, source_count, request->base_count, err))
		return true;
	loaded_deinit(out);
	return false;
}

void loaded_deinit(struct loaded *loaded)
{
	if (loaded->profile != NULL)
		profile_destroy(loaded->profile);
	if (loaded->base != NULL)
		profile_destroy(loaded->base);
	remote_sources_deinit(&loaded->remote);
	arena_deinit(&loaded->arena);
	*loaded = (struct loaded){ 0 };
}
