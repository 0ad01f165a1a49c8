// The process copies itself and sends what the copy wrote.
#include "source/recorded_dump.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "source/capture.h"
#include "source/capture_url.h"
#include "source/fetch.h"

static bool fetch_dump(const struct capture_target *target, bool without_contents,
		       uint8_t **bytes, size_t *size, struct error *err)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	const struct fetch_options fetch = { 0 };
	struct str word =
		str_format(&arena, "%.*s/debug/pprof/heapdump%s", (int)target->url.n,
			   target->url.p, without_contents ? "?contents=0" : "");
	const struct capture_url_request request = {
		.word = str_terminated(&arena, word),
		.kind = "heapdump",
		.options = &fetch,
	};

	return capture_url_fetch(&request, bytes, size, err) ||
	       error_wrap(err, "process %d", target->pid);
}

bool recorded_dump_take(const struct capture_target *target, bool without_contents,
			const char *path, struct error *err)
{
	CLEANUP_FREE uint8_t *bytes = NULL;
	struct file_output file;
	struct writer w;
	size_t size;
	bool is_written;

	if (!file_output_open(&file, path, err))
		return false;
	w = writer_to_fd(file.fd);
	is_written = fetch_dump(target, without_contents, &bytes, &size, err);
	if (is_written) {
		writer_bytes(&w, bytes, size);
		is_written = writer_finish(&w, err);
	}
	writer_deinit(&w);
	if (is_written)
		return file_output_commit(&file, err);
	file_output_discard(&file);
	return false;
}
