// Finds split debug files. GDB manual, "Separate Debug Files"; dwz(1) for the alt link.
#include "binary/debug_file.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/reader.h"
#include "binary/build_id.h"
#include "binary/debug_server.h"
#include "binary/elf.h"

static struct elf *open_quietly(struct str path)
{
	struct error ignored;
	struct elf *elf = NULL;

	return elf_open(path.p, &elf, &ignored) ? elf : NULL;
}

// The file at `path` if it has that build id.
static bool take_by_build_id(struct debug_file *file, struct str path,
			     struct str build_id)
{
	struct elf *elf = open_quietly(path);

	if (elf == NULL)
		return false;
	if (build_id.n > 0 && str_equal(elf->build_id, build_id)) {
		file->elf = elf;
		file->path = path;
		return true;
	}
	elf_close(elf);
	return false;
}

static bool find_in_debuginfod_cache(struct debug_file *file, struct str build_id,
				     struct str text, struct arena *arena)
{
	const char *folder = getenv("DEBUGINFOD_CACHE_PATH");
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct str path;

	if (folder != NULL)
		path = str_format(arena, "%s/%.*s/debuginfo", folder, (int)text.n,
				  text.p);
	else if (cache != NULL && cache[0] == '/')
		path = str_format(arena, "%s/debuginfod_client/%.*s/debuginfo", cache,
				  (int)text.n, text.p);
	else if (home != NULL)
		path = str_format(arena, "%s/.cache/debuginfod_client/%.*s/debuginfo",
				  home, (int)text.n, text.p);
	else
		return false;
	return take_by_build_id(file, path, build_id);
}

static bool find_by_build_id(struct debug_file *file, struct str build_id,
			     struct str root, struct arena *arena)
{
	struct str text = build_id_text(arena, build_id);
	struct str tail = build_id_path(arena, text);

	if (tail.n == 0)
		return false;
	struct str path = str_format(arena, "%.*s/usr/lib/debug/.build-id/%.*s.debug",
				     (int)root.n, root.p, (int)tail.n, tail.p);

	return take_by_build_id(file, path, build_id) ||
	       (root.n > 0 &&
		take_by_build_id(file, str_after(path, root.n), build_id)) ||
	       find_in_debuginfod_cache(file, build_id, text, arena);
}

static bool take_by_checksum(struct debug_file *file, struct str path, uint32_t checksum)
{
	struct elf *elf = open_quietly(path);

	if (elf == NULL)
		return false;
	if (libdeflate_crc32(0, elf->view.bytes, elf->view.size) == checksum) {
		file->elf = elf;
		file->path = path;
		return true;
	}
	file->hint = path;
	elf_close(elf);
	return false;
}

// .gnu_debuglink: a file name, NUL, padding to 4 bytes, CRC-32 of the file.
static bool find_by_link(struct debug_file *file, struct str link, struct str path,
			 struct str root, struct arena *arena)
{
	static const struct {
		const char *before, *after;
	} places[] = { { "", "/" }, { "", "/.debug/" }, { "/usr/lib/debug", "/" } };
	struct reader r = reader_from_str(link);
	struct str name = reader_cstr(&r);
	ptrdiff_t slash = str_find_last_char(path, '/');
	struct str folder = slash < 0 ? STR(".") : str_slice(path, 0, (size_t)slash);

	reader_skip(&r, -reader_offset(&r) & 3);
	uint32_t checksum = reader_u32(&r);

	// A link names a file, not a way out of the folders it is looked for in.
	if (!reader_ok(&r) || name.n == 0 || str_find_char(name, '/') >= 0)
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct str candidate =
			str_format(arena, "%.*s%s%.*s%s%.*s", (int)root.n, root.p,
				   places[i].before, (int)folder.n, folder.p,
				   places[i].after, (int)name.n, name.p);

		if (take_by_checksum(file, candidate, checksum))
			return true;
	}
	return false;
}

// The last place to look, as it may take long.
static bool find_on_server(struct debug_file *file, struct str build_id,
			   struct debug_server *server, struct arena *arena)
{
	struct str reason = STR(""), path;

	if (server == NULL || build_id.n == 0)
		return false;
	path = server->find(server, DEBUG_SERVER_DEBUGINFO,
			    build_id_text(arena, build_id), arena, &reason);
	if (path.n > 0 && take_by_build_id(file, path, build_id))
		return true;
	file->hint = path.n > 0 ? str_format(arena, "%.*s is not the one of this file",
					     (int)path.n, path.p)
				: reason;
	return false;
}

struct debug_file debug_file_find(struct elf *elf, struct str path, struct str root,
				  struct debug_server *server, struct arena *arena)
{
	struct debug_file file = { .path = STR(""), .hint = STR("") };
	struct str link = elf_named_contents(elf, ".gnu_debuglink");

	if (find_by_build_id(&file, elf->build_id, root, arena))
		return file;
	if (find_by_link(&file, link, path, root, arena) ||
	    find_on_server(&file, elf->build_id, server, arena))
		file.hint = STR("");
	else if (server != NULL)
		return file;
	else if (file.hint.n > 0)
		file.hint = str_format(arena, "%.*s is not the one of this file",
				       (int)file.hint.n, file.hint.p);
	return file;
}

struct debug_file debug_file_find_alt(struct elf *elf, struct str path, struct str root,
				      struct debug_server *server, struct arena *arena)
{
	struct debug_file file = { .path = STR(""), .hint = STR("") };
	struct reader r = reader_from_str(elf_named_contents(elf, ".gnu_debugaltlink"));
	struct str name = reader_cstr(&r);
	struct str build_id = { (const char *)r.p, reader_left(&r) };
	ptrdiff_t slash = str_find_last_char(path, '/');

	if (name.n == 0 || build_id.n == 0 ||
	    find_by_build_id(&file, build_id, root, arena))
		return file;
	struct str candidate =
		name.p[0] == '/'
			? str_format(arena, "%.*s%.*s", (int)root.n, root.p, (int)name.n,
				     name.p)
			: str_format(arena, "%.*s/%.*s", slash < 0 ? 0 : (int)slash,
				     path.p, (int)name.n, name.p);

	if (!take_by_build_id(&file, candidate, build_id))
		(void)find_on_server(&file, build_id, server, arena);
	return file;
}
