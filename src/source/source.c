// What a word on the command line means, and profiles from files.
#include "source/source.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/inflate.h"
#include "profile/input.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/perf_data.h"
#include "target/perf_file.h"
#include "target/process_find.h"

// A name stands for the one process that is called so.
static bool parse_name(struct source_spec *spec, const char *word, struct error *err)
{
	struct error why;

	spec->kind = SOURCE_PROCESS;
	if (process_find(word, &spec->pid, &why))
		return true;
	if (why.code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_NOT_FOUND,
				 "%s: no such file or process: give a profile, a process "
				 "id or name, or -- and a command",
				 word);
	*err = why;
	return false;
}

bool source_parse(const char *word, struct source_spec *out, struct error *err)
{
	struct source_spec spec = { .kind = SOURCE_FILE, .name = str_from(word) };
	uint64_t pid;

	if (str_equal(spec.name, STR("-")) || access(word, F_OK) == 0) {
		*out = spec;
		return true;
	}
	if (!str_to_u64(spec.name, 10, &pid)) {
		if (!parse_name(&spec, word, err))
			return false;
		*out = spec;
		return true;
	}
	if (pid == 0 || pid > INT32_MAX)
		return error_set(err, ERROR_NOT_FOUND, "%s: no such process: try ps -e",
				 word);
	spec.kind = SOURCE_PROCESS;
	spec.pid = (int)pid;
	*out = spec;
	return true;
}

static bool decode_perf(struct str bytes, struct profile **out, struct error *err)
{
	return perf_data_decode(bytes, out, err) ||
	       error_wrap(err, "looks like a perf.data file, but");
}

// Packed profiles are nearly all profile.proto; only those that are none are unpacked
// again to see whether perf wrote them.
bool source_decode(struct str bytes, struct profile **out, struct error *err)
{
	CLEANUP_FREE uint8_t *block = NULL;
	struct error unused;
	struct str plain;
	size_t size;

	if (perf_file_is_likely(bytes))
		return decode_perf(bytes, out, err);
	if (input_decode(bytes, out, err))
		return true;
	if (!inflate_packed(bytes, &block, &size, &unused))
		return false;
	plain = (struct str){ (const char *)block, size };
	return perf_file_is_likely(plain) && decode_perf(plain, out, err);
}

static bool decode(const struct file_view *view, const char *name, struct profile **out,
		   struct error *err)
{
	struct str bytes = { (const char *)view->bytes, view->size };
	struct error why;

	if (view->size == 0)
		return error_set(err, ERROR_FORMAT,
				 "%s: not a profile: the file is empty: record one with "
				 "goprof cpu -o FILE",
				 name);
	if ((view->is_mapped && proto_decode_large_file(bytes, out)) ||
	    source_decode(bytes, out, &why))
		return true;
	if (why.code == ERROR_UNSUPPORTED)
		return error_set(
			err, ERROR_FORMAT,
			"%s: not a profile: it does not begin like profile.proto, "
			"gzipped or plain, nor like any other format: record one "
			"with goprof cpu -o FILE",
			name);
	return error_set(err, why.code,
			 "%s: not a whole profile: %s: record or copy it again", name,
			 why.text);
}

bool source_read_file(const char *path, struct profile **out, struct error *err)
{
	bool is_stdin = str_equal(str_from(path), STR("-"));
	const char *name = is_stdin ? "standard input" : path;
	struct file_view view;
	bool is_read;

	is_read = is_stdin ? file_view_from_fd(STDIN_FILENO, name, &view, err)
			   : file_view_open(path, &view, err);
	if (!is_read)
		return false;
	is_read = decode(&view, name, out, err);
	file_view_close(&view);
	return is_read;
}
