// The process makes it in memory of its own, and sends it when it is complete.
#include "source/recorded_dump.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "source/capture.h"
#include "source/capture_url.h"
#include "source/fetch.h"

static bool fetch_into(int fd, const struct capture_target *target,
		       struct capture_url_request *request, struct error *err)
{
	const struct fetch_options fetch = { 0 };
	struct writer w = writer_to_fd(fd);
	bool is_written;

	request->options = &fetch;
	is_written = capture_url_save(request, &w, err) ||
		     error_wrap(err, "process %d", target->pid);
	writer_deinit(&w);
	return is_written;
}

static bool take(const struct capture_target *target, struct capture_url_request *request,
		 const char *path, struct error *err)
{
	struct file_output file;

	if (!file_output_open(&file, path, err))
		return false;
	if (fetch_into(file.fd, target, request, err))
		return file_output_commit(&file, err);
	file_output_discard(&file);
	return false;
}

bool recorded_dump_take(const struct capture_target *target, bool without_contents,
			const char *path, struct error *err)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct str word =
		str_format(&arena, "%.*s/debug/pprof/heapdump%s", (int)target->url.n,
			   target->url.p, without_contents ? "?contents=0" : "");
	struct capture_url_request request = { .word = str_terminated(&arena, word),
					       .kind = "heapdump" };

	return take(target, &request, path, err);
}

bool recorded_dump_trace(const struct capture_target *target,
			 const struct recorded_trace_options *options, const char *path,
			 struct error *err)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct str word = str_format(&arena, "%.*s/debug/pprof/alloctrace?frees=%s",
				     (int)target->url.n, target->url.p,
				     options->is_brief ? "brief" : "stacks");
	struct capture_url_request request = { .kind = "alloctrace",
					       .seconds = options->seconds };

	if (options->size != 0)
		word = str_format(&arena, "%.*s&size=%llu", (int)word.n, word.p,
				  (unsigned long long)options->size);
	request.word = str_terminated(&arena, word);
	return take(target, &request, path, err);
}
