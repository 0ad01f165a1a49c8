// Opens source files and cuts them into lines.
#include "report/source_lines.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "report/source_path.h"

static bool open_view(struct arena *scratch, struct str path, struct file_view *view)
{
	struct error unused;
	char *name = str_terminated(scratch, path);

	return access(name, R_OK) == 0 && file_view_open(name, view, &unused);
}

// The file in one folder or the nearest one above it.
static bool open_upwards(struct arena *scratch, struct str folder, struct str path,
			 struct file_view *view)
{
	for (;;) {
		struct str name = str_format(scratch, "%.*s/%.*s", (int)folder.n,
					     folder.p, (int)path.n, path.p);
		ptrdiff_t slash = str_find_last_char(folder, '/');

		if (open_view(scratch, name, view))
			return true;
		if (folder.n == 0 || slash == STR_NOT_FOUND)
			return false;
		folder = str_slice(folder, 0, (size_t)slash);
	}
}

static bool open_anywhere(struct str path, struct str source_path, struct arena *scratch,
			  struct file_view *view, struct error *err)
{
	struct str rest = source_path, folder;

	if (path.n > 0 && path.p[0] == '/') {
		if (open_view(scratch, path, view))
			return true;
		return error_set(err, ERROR_NOT_FOUND,
				 "open %.*s: no such file or directory", (int)path.n,
				 path.p);
	}
	while (str_cut(&rest, ':', &folder)) {
		if (open_upwards(scratch, folder, path, view))
			return true;
	}
	return error_set(err, ERROR_NOT_FOUND, "could not find file %.*s on path %.*s",
			 (int)path.n, path.p, (int)source_path.n, source_path.p);
}

static void cut_lines(struct source_lines *source)
{
	struct str text = { (const char *)source->view.bytes, source->view.size };
	size_t capacity = 0, from = 0;

	while (from < text.n) {
		const char *end = memchr(text.p + from, '\n', text.n - from);
		size_t to = end == NULL ? text.n : (size_t)(end - text.p);
		struct str line = str_slice(text, from, to);

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		source->lines = table_reserve(source->lines, &capacity, source->count + 1,
					      sizeof(*source->lines));
		source->lines[source->count++] = line;
		from = to + 1;
	}
}

bool source_lines_open(struct source_lines *source, struct str path,
		       struct str source_path, struct str trim_path, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	CLEANUP_FREE char *here = NULL;

	*source = (struct source_lines){ 0 };
	if (source_path.n == 0) {
		here = getcwd(NULL, 0);
		source_path = str_from(here);
	}
	path = source_path_trim(path, trim_path, source_path);
	if (!open_anywhere(path, source_path, &scratch, &source->view, err))
		return false;
	cut_lines(source);
	return true;
}

void source_lines_close(struct source_lines *source)
{
	free(source->lines);
	file_view_close(&source->view);
	*source = (struct source_lines){ 0 };
}

bool source_lines_get(const struct source_lines *source, int64_t number, struct str *line)
{
	if (number < 1 || (uint64_t)number > source->count)
		return false;
	*line = source->lines[number - 1];
	return true;
}
