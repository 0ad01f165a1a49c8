// Trimming and cleaning of source file names.
#include "report/source_path.h"

#include "base/arena.h"

// Offset behind "/<base name of folder>/" in path, or 0.
static size_t behind_folder(struct str path, struct str folder)
{
	struct str base = str_basename(folder);

	while (folder.n > 1 && base.n == 0) {
		folder.n--;
		base = str_basename(folder);
	}
	if (base.n == 0)
		return 0;
	for (size_t i = 0; i + base.n + 2 <= path.n; i++) {
		if (path.p[i] == '/' && path.p[i + base.n + 1] == '/' &&
		    memcmp(path.p + i + 1, base.p, base.n) == 0)
			return i + base.n + 2;
	}
	return 0;
}

static bool has_folder(struct str path, struct str folder, size_t *length)
{
	size_t n = folder.n;

	while (n > 0 && folder.p[n - 1] == '/')
		n--;
	if (!str_starts_with(path, str_slice(folder, 0, n)) || path.n <= n ||
	    path.p[n] != '/')
		return false;
	*length = n + 1;
	return true;
}

struct str source_path_trim(struct str path, struct str trim_path, struct str source_path)
{
	struct str rest = trim_path.n == 0 ? source_path : trim_path;
	struct str folder;
	size_t length;

	while (str_cut(&rest, ':', &folder)) {
		if (folder.n == 0)
			continue;
		if (trim_path.n > 0 && has_folder(path, folder, &length))
			return str_after(path, length);
		length = trim_path.n > 0 ? 0 : behind_folder(path, folder);
		if (length > 0)
			return str_after(path, length);
	}
	if (str_starts_with(path, STR("/proc/self/cwd/./")))
		return str_after(path, 17);
	if (str_starts_with(path, STR("/proc/self/cwd/")))
		return str_after(path, 15);
	return path;
}

static bool is_clean(struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		bool starts = i == 0 || path.p[i - 1] == '/';

		if (starts && path.p[i] == '.')
			return false;
		if (path.p[i] == '/' && i > 0 && (starts || i + 1 == path.n))
			return false;
	}
	return path.n > 0;
}

// Drops the last element written, as ".." asks; false when there is none to drop.
static bool drop_last(const char *out, size_t floor, size_t *n)
{
	if (*n <= floor)
		return false;
	do {
		(*n)--;
	} while (*n > floor && out[*n] != '/');
	return true;
}

struct str source_path_clean(struct arena *arena, struct str path)
{
	bool is_rooted = path.n > 0 && path.p[0] == '/';
	char *out = NULL;
	size_t n = 0, floor = 0;
	struct str rest = path, piece;

	if (is_clean(path))
		return path;
	out = arena_alloc(arena, path.n + 2);
	if (is_rooted)
		out[n++] = '/';
	floor = n;
	while (str_cut(&rest, '/', &piece)) {
		bool is_up = str_equal(piece, STR(".."));

		if (piece.n == 0 || str_equal(piece, STR(".")))
			continue;
		if (is_up && (drop_last(out, floor, &n) || is_rooted))
			continue;
		if (n > (is_rooted ? 1 : 0))
			out[n++] = '/';
		memcpy(out + n, piece.p, piece.n);
		n += piece.n;
		if (is_up)
			floor = n;
	}
	if (n == 0)
		out[n++] = '.';
	return (struct str){ out, n };
}
