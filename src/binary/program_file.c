// Tries candidates in order: PPROF_BINARY_PATH, the path itself below the target's root,
// what /proc still holds of a deleted file, the path on this machine, stores by build id.
#include "binary/program_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "binary/build_id.h"
#include "binary/debug_server.h"
#include "binary/module.h"

struct search {
	const struct program_file_query *query;
	const struct module_options *options;
	struct arena *arena;
	struct str file; // without " (deleted)"
	bool is_deleted;
	struct module *module;
	struct str missing, mismatch; // reasons so far, "" none
};

enum identity {
	IDENTITY_ANY,     // a file without a build id will do
	IDENTITY_CERTAIN, // only one that has the profile's build id
};

// Opens `path` below `root` unless its build id speaks against it.
static bool try_file(struct search *search, struct str root, struct str path,
		     enum identity identity)
{
	struct module_options options = *search->options;
	struct str wanted = search->query->build_id;
	struct module *module;
	struct error err;

	options.root = root;
	if (!module_open(path, &options, &module, &err)) {
		if (search->missing.n == 0)
			search->missing = str_copy(search->arena, str_from(err.text));
		return false;
	}
	struct str found = module_build_id(module);

	if (str_equal(found, wanted)
		    ? wanted.n > 0 || identity == IDENTITY_ANY
		    : (wanted.n == 0 || found.n == 0) && identity == IDENTITY_ANY) {
		search->module = module;
		return true;
	}
	if (wanted.n > 0 && found.n > 0)
		search->mismatch = str_format(
			search->arena,
			"binary replaced since start: the profile has build id %.*s, "
			"%.*s%.*s has %.*s",
			(int)wanted.n, wanted.p, (int)root.n, root.p, (int)path.n, path.p,
			(int)found.n, found.p);
	module_close(module);
	return false;
}

// Any file in "FOLDER/BUILD-ID/".
static bool try_folder(struct search *search, struct str folder)
{
	enum { FILES_MAX = 64 };
	DIR *entries = opendir(str_terminated(search->arena, folder));
	struct dirent *entry;
	bool found = false;

	if (entries == NULL)
		return false;
	for (int i = 0; i < FILES_MAX && !found && (entry = readdir(entries)); i++) {
		if (entry->d_name[0] == '.')
			continue;
		struct str path = str_format(search->arena, "%.*s/%s", (int)folder.n,
					     folder.p, entry->d_name);

		found = try_file(search, STR(""), path, IDENTITY_ANY);
	}
	closedir(entries);
	return found;
}

// The layouts that pprof knows below one folder of PPROF_BINARY_PATH.
static bool try_binary_folder(struct search *search, struct str folder)
{
	struct arena *arena = search->arena;
	struct str id = search->query->build_id, file = search->file;
	struct str base = str_basename(file);
	struct str parent = str_slice(file, 0, file.n - base.n);
	struct str candidates[7];
	size_t count = 0;

	if (folder.n == 0 || access(str_terminated(arena, folder), X_OK) != 0)
		return false;
	if (id.n > 0) {
		struct str spread = build_id_path(arena, id);

		if (try_folder(search, str_format(arena, "%.*s/%.*s", (int)folder.n,
						  folder.p, (int)id.n, id.p)))
			return true;
		candidates[count++] = str_format(arena, "%.*s/%.*s", (int)file.n, file.p,
						 (int)id.n, id.p);
		candidates[count++] =
			str_format(arena, "%.*s.debug", (int)spread.n, spread.p);
	}
	candidates[count++] = base;
	candidates[count++] = file;
	candidates[count++] = str_format(arena, "%.*s.debug", (int)file.n, file.p);
	candidates[count++] = str_format(arena, "%.*s.debug/%.*s.debug", (int)parent.n,
					 parent.p, (int)base.n, base.p);
	candidates[count++] = str_format(arena, "usr/lib/debug%.*s%.*s.debug",
					 (int)parent.n, parent.p, (int)base.n, base.p);
	for (size_t i = 0; i < count; i++) {
		struct str path = str_format(arena, "%.*s/%.*s", (int)folder.n, folder.p,
					     (int)candidates[i].n, candidates[i].p);

		if (candidates[i].n > 0 && try_file(search, STR(""), path, IDENTITY_ANY))
			return true;
	}
	return false;
}

static bool try_binary_path(struct search *search)
{
	const char *setting = getenv("PPROF_BINARY_PATH");
	const char *home = getenv("HOME");
	struct str folders = STR(""), folder;

	if (setting != NULL && setting[0] != '\0')
		folders = str_from(setting);
	else if (home != NULL)
		folders = str_format(search->arena, "%s/pprof/binaries", home);
	while (str_cut(&folders, ':', &folder)) {
		if (!try_binary_folder(search, folder))
			continue;
		return true;
	}
	// What such folders lack is expected and no reason to show.
	search->missing = STR("");
	return false;
}

// The kernel keeps the files of a live process open, deleted or replaced ones too.
static bool try_proc(struct search *search)
{
	const struct program_file_query *query = search->query;
	struct str exe = str_format(search->arena, "/proc/%u/exe", query->pid);
	char target[4096];
	ssize_t size = readlink(exe.p, target, sizeof(target));
	struct str missing = search->missing;
	bool found;

	if (size > 0 && str_equal((struct str){ target, (size_t)size }, query->file) &&
	    try_file(search, STR(""), exe, IDENTITY_ANY))
		return true;
	found = try_file(search, STR(""),
			 str_format(search->arena, "/proc/%u/map_files/%llx-%llx",
				    query->pid, (unsigned long long)query->start,
				    (unsigned long long)query->limit),
			 IDENTITY_ANY);
	if (missing.n > 0)
		search->missing = missing;
	return found;
}

static bool try_server(struct search *search)
{
	struct debug_server *server = search->options->server;
	struct str reason = STR(""), path;

	if (server == NULL)
		return false;
	path = server->find(server, DEBUG_SERVER_EXECUTABLE, search->query->build_id,
			    search->arena, &reason);
	return path.n > 0 && try_file(search, STR(""), path, IDENTITY_CERTAIN);
}

// Where distributions and perf keep programs by their build ids.
static bool try_stores(struct search *search)
{
	struct str tail = build_id_path(search->arena, search->query->build_id);
	const char *setting = getenv("PERF_BUILDID_DIR"), *home = getenv("HOME");
	struct str missing = search->missing, store = STR("");
	bool found;

	if (tail.n == 0)
		return false;
	if (setting != NULL)
		store = str_from(setting);
	else if (home != NULL)
		store = str_format(search->arena, "%s/.debug", home);
	found = try_file(search, STR(""),
			 str_format(search->arena, "/usr/lib/.build-id/%.*s", (int)tail.n,
				    tail.p),
			 IDENTITY_CERTAIN) ||
		try_file(search, STR(""),
			 str_format(search->arena, "%.*s/.build-id/%.*s/elf",
				    (int)store.n, store.p, (int)tail.n, tail.p),
			 IDENTITY_CERTAIN);
	// That they are not there either is no news.
	search->missing = missing;
	return found || try_server(search);
}

static bool search_all(struct search *search)
{
	const struct program_file_query *query = search->query;
	struct str root = search->options->root;

	if (try_binary_path(search))
		return true;
	if (search->is_deleted && query->pid != 0 && try_proc(search))
		return true;
	if (try_file(search, root, search->file,
		     search->is_deleted ? IDENTITY_CERTAIN : IDENTITY_ANY))
		return true;
	if (!search->is_deleted && query->pid != 0 && try_proc(search))
		return true;
	if (root.n > 0 && try_file(search, STR(""), search->file, IDENTITY_CERTAIN))
		return true;
	return try_stores(search);
}

static struct str explain(const struct search *search)
{
	if (search->mismatch.n > 0)
		return search->mismatch;
	if (search->is_deleted)
		return str_format(search->arena,
				  "%.*s: deleted or replaced since the program started",
				  (int)search->file.n, search->file.p);
	return search->missing;
}

bool program_file_open(const struct program_file_query *query,
		       const struct module_options *options, struct arena *arena,
		       struct module **out, struct str *reason)
{
	static const struct str deleted = { " (deleted)", sizeof(" (deleted)") - 1 };
	struct search search = { query,
				 options,
				 arena,
				 query->file,
				 .missing = STR(""),
				 .mismatch = STR("") };

	if (str_ends_with(query->file, deleted)) {
		search.is_deleted = true;
		search.file = str_slice(query->file, 0, query->file.n - deleted.n);
	}
	if (!search_all(&search)) {
		*reason = explain(&search);
		return false;
	}
	*out = search.module;
	return true;
}
