// The file that keeps a symbol index from run to run.
#include "binary/index_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/writer.h"
#include "binary/symbol_unit.h"

enum { VERSION = 2, BUILD_ID_MAX = 64, BUILD_ID_MIN = 4 };

static const char MAGIC[8] = "goprofsx";

struct index_cache_head {
	char magic[8];
	uint32_t version, build_id_size;
	uint8_t build_id[BUILD_ID_MAX];
	uint64_t file_size, range_count, unit_count;
	uint64_t strings_offset, string_size;
	uint64_t directory_hash; // of the ranges and the units' offsets
};

static struct str cache_folder(struct arena *arena, struct str folder)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (folder.n > 0)
		return folder;
	if (cache != NULL && cache[0] == '/')
		return str_format(arena, "%s/goprof", cache);
	if (home != NULL && home[0] == '/')
		return str_format(arena, "%s/.cache/goprof", home);
	return STR("");
}

const char *index_cache_path(struct arena *arena, struct str folder, struct str build_id)
{
	static const char digits[] = "0123456789abcdef";
	struct str root = cache_folder(arena, folder);

	if (root.n == 0 || build_id.n < BUILD_ID_MIN || build_id.n > BUILD_ID_MAX)
		return NULL;
	char *path = arena_alloc(arena, root.n + 2 * build_id.n + sizeof("/.symbols"));
	char *out = path + root.n;

	memcpy(path, root.p, root.n);
	*out++ = '/';
	for (size_t i = 0; i < build_id.n; i++) {
		*out++ = digits[(uint8_t)build_id.p[i] >> 4];
		*out++ = digits[(uint8_t)build_id.p[i] & 15];
	}
	memcpy(out, ".symbols", sizeof(".symbols"));
	return path;
}

static bool head_fits(const struct index_cache_head *head, size_t size,
		      struct str build_id)
{
	if (memcmp(head->magic, MAGIC, sizeof(MAGIC)) != 0 || head->version != VERSION ||
	    head->file_size != size || head->build_id_size != build_id.n ||
	    build_id.n > BUILD_ID_MAX ||
	    memcmp(head->build_id, build_id.p, build_id.n) != 0)
		return false;
	size_t left = size - sizeof(*head);

	if (head->range_count > left / sizeof(struct symbol_range))
		return false;
	left -= head->range_count * sizeof(struct symbol_range);
	return head->unit_count <= left / sizeof(uint64_t) && head->string_size > 0 &&
	       head->string_size <= size && head->strings_offset <= size &&
	       head->strings_offset + head->string_size == size;
}

static uint64_t directory_hash(const struct symbol_range *ranges, size_t range_count,
			       const uint64_t *units, size_t unit_count)
{
	return hash_mix(hash_bytes(ranges, range_count * sizeof(*ranges)),
			hash_bytes(units, unit_count * sizeof(*units)));
}

static bool accept(struct index_cache *cache, struct str build_id)
{
	const struct index_cache_head *head = (const void *)cache->view.bytes;

	if (cache->view.size < sizeof(*head) ||
	    !head_fits(head, cache->view.size, build_id))
		return false;
	cache->ranges = (const void *)(head + 1);
	cache->range_count = head->range_count;
	cache->units = (const void *)(cache->ranges + cache->range_count);
	cache->unit_count = head->unit_count;
	cache->strings = (const char *)cache->view.bytes + head->strings_offset;
	cache->string_size = head->string_size;
	return cache->strings[cache->string_size - 1] == '\0' &&
	       directory_hash(cache->ranges, cache->range_count, cache->units,
			      cache->unit_count) == head->directory_hash;
}

bool index_cache_open(struct index_cache *cache, const char *path, struct str build_id)
{
	struct error err;

	*cache = (struct index_cache){ 0 };
	if (path == NULL || !file_view_open(path, &cache->view, &err))
		return false;
	if (accept(cache, build_id)) {
		// Its time of use decides which file is removed first.
		(void)utimensat(AT_FDCWD, path, NULL, 0);
		return true;
	}
	index_cache_close(cache);
	return false;
}

void index_cache_close(struct index_cache *cache)
{
	if (cache->view.bytes != NULL)
		file_view_close(&cache->view);
	*cache = (struct index_cache){ 0 };
}

struct symbol_unit *index_cache_unit(const struct index_cache *cache, size_t index)
{
	uint64_t offset = index < cache->unit_count ? cache->units[index] : 0;
	size_t size = cache->view.size;

	if (offset == 0 || offset % 8 != 0 || offset > size ||
	    size - offset < sizeof(struct symbol_unit))
		return NULL;
	struct symbol_unit *unit = (void *)(uintptr_t)(cache->view.bytes + offset);

	return symbol_unit_size(unit) <= size - offset ? unit : NULL;
}

static void make_folders(const char *path)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	char *copy = str_terminated(&arena, str_from(path));

	for (char *p = copy + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(copy, 0700);
		*p = '/';
	}
}

// The file that was not used for longest, and the sum of all sizes.
static uint64_t survey(const char *folder, const char *keep, struct arena *arena,
		       const char **oldest)
{
	DIR *dir = opendir(folder);
	struct timespec oldest_time = { INT64_MAX, 0 };
	uint64_t total = 0;
	struct stat status;

	*oldest = NULL;
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		const char *path = str_format(arena, "%s/%s", folder, e->d_name).p;

		if (!str_ends_with(str_from(e->d_name), STR(".symbols")) ||
		    stat(path, &status) != 0 || !S_ISREG(status.st_mode))
			continue;
		total += (uint64_t)status.st_size;
		if (status.st_mtim.tv_sec < oldest_time.tv_sec &&
		    strcmp(path, keep) != 0) {
			oldest_time = status.st_mtim;
			*oldest = path;
		}
	}
	if (dir != NULL)
		closedir(dir);
	return total;
}

static void trim_folder(const char *path)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct str folder = str_slice(str_from(path), 0,
				      (size_t)str_find_last_char(str_from(path), '/'));
	const char *name = str_terminated(&arena, folder), *oldest;

	while (survey(name, path, &arena, &oldest) > INDEX_CACHE_FOLDER_LIMIT &&
	       oldest != NULL && unlink(oldest) == 0)
		continue;
}

static uint64_t place_units(const struct index_cache_contents *contents,
			    uint64_t *offsets)
{
	uint64_t offset = sizeof(struct index_cache_head) +
			  contents->range_count * sizeof(struct symbol_range) +
			  contents->unit_count * sizeof(uint64_t);

	for (size_t i = 0; i < contents->unit_count; i++) {
		if (contents->units[i] == NULL)
			continue;
		offsets[i] = offset;
		offset += symbol_unit_size(contents->units[i]);
	}
	return offset;
}

static bool write_contents(int fd, const struct index_cache_head *head,
			   const struct index_cache_contents *contents,
			   const uint64_t *offsets)
{
	struct writer w = writer_to_fd(fd);
	struct error err;

	writer_bytes(&w, head, sizeof(*head));
	writer_bytes(&w, contents->ranges,
		     contents->range_count * sizeof(*contents->ranges));
	writer_bytes(&w, offsets, contents->unit_count * sizeof(*offsets));
	for (size_t i = 0; i < contents->unit_count; i++)
		if (contents->units[i] != NULL)
			writer_bytes(&w, contents->units[i],
				     symbol_unit_size(contents->units[i]));
	writer_str(&w, contents->strings[0]);
	writer_str(&w, contents->strings[1]);
	bool done = writer_finish(&w, &err);

	writer_deinit(&w);
	return done;
}

bool index_cache_write(const char *path, struct str build_id,
		       const struct index_cache_contents *contents)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	uint64_t *offsets = arena_array(&arena, contents->unit_count, sizeof(*offsets));
	struct index_cache_head head = { .version = VERSION,
					 .build_id_size = (uint32_t)build_id.n,
					 .range_count = contents->range_count,
					 .unit_count = contents->unit_count };
	struct file_output out;
	struct error err;

	if (build_id.n > BUILD_ID_MAX)
		return false;
	memcpy(head.magic, MAGIC, sizeof(MAGIC));
	memcpy(head.build_id, build_id.p, build_id.n);
	head.strings_offset = place_units(contents, offsets);
	head.string_size = contents->strings[0].n + contents->strings[1].n;
	head.file_size = head.strings_offset + head.string_size;
	head.directory_hash = directory_hash(contents->ranges, contents->range_count,
					     offsets, contents->unit_count);
	if (head.file_size > INDEX_CACHE_FOLDER_LIMIT)
		return false;
	make_folders(path);
	if (!file_output_open(&out, path, &err))
		return false;
	if (!write_contents(out.fd, &head, contents, offsets) ||
	    !file_output_commit(&out, &err)) {
		file_output_discard(&out);
		return false;
	}
	trim_folder(path);
	return true;
}
