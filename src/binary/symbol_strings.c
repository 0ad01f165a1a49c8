// The pool of names of a symbol index.
#include "binary/symbol_strings.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "binary/dwarf_line.h"

void symbol_strings_deinit(struct symbol_strings *strings)
{
	free(strings->bytes);
	map_deinit(&strings->by_place);
	map_deinit(&strings->by_hash);
	*strings = (struct symbol_strings){ 0 };
}

static char *append_room(struct symbol_strings *strings, size_t size)
{
	strings->bytes = table_reserve(strings->bytes, &strings->capacity,
				       strings->used + size + 1, 1);
	if (strings->used == 0)
		strings->bytes[strings->used++] = '\0';
	char *room = strings->bytes + strings->used;

	strings->used += size;
	return room;
}

static bool has_room(const struct symbol_strings *strings, size_t size)
{
	return size < UINT32_MAX / 2 && strings->used + size < UINT32_MAX - 2;
}

uint32_t symbol_strings_add(struct symbol_strings *strings, struct str s)
{
	uint32_t *slot;

	if (s.n == 0 || !has_room(strings, s.n))
		return 0;
	slot = map_put(&strings->by_place, (uint64_t)(uintptr_t)s.p);
	if (*slot == MAP_NONE) {
		char *room = append_room(strings, s.n + 1);

		memcpy(room, s.p, s.n);
		room[s.n] = '\0';
		*slot = (uint32_t)(room - strings->bytes);
	}
	return *slot;
}

static bool is_absolute(struct str path)
{
	return path.n > 0 && path.p[0] == '/';
}

static char *append_part(char *out, struct str part, bool is_last)
{
	if (part.n == 0)
		return out;
	memcpy(out, part.p, part.n);
	out += part.n;
	if (!is_last)
		*out++ = '/';
	return out;
}

static uint32_t join(struct symbol_strings *strings, const struct dwarf_path *path)
{
	size_t most = path->unit_folder.n + path->folder.n + path->name.n + 3;

	if (!has_room(strings, most))
		return 0;
	char *start = append_room(strings, most), *out = start;

	if (!is_absolute(path->name) && !is_absolute(path->folder))
		out = append_part(out, path->unit_folder, false);
	if (!is_absolute(path->name))
		out = append_part(out, path->folder, false);
	out = append_part(out, path->name, true);
	*out++ = '\0';
	uint32_t offset = (uint32_t)(start - strings->bytes);
	uint32_t *slot =
		map_put(&strings->by_hash, hash_bytes(start, (size_t)(out - start)) | 1);

	// The text may be there already, from parts at other places.
	if (*slot != MAP_NONE && strcmp(strings->bytes + *slot, start) == 0) {
		strings->used = offset;
		return *slot;
	}
	*slot = offset;
	strings->used = (size_t)(out - strings->bytes);
	return offset;
}

uint32_t symbol_strings_add_path(struct symbol_strings *strings,
				 const struct dwarf_path *path)
{
	uint64_t key =
		hash_mix(hash_mix((uintptr_t)path->name.p, (uintptr_t)path->folder.p),
			 (uintptr_t)path->unit_folder.p) &
		~(uint64_t)1;
	uint32_t known = map_get(&strings->by_hash, key);

	if (known != MAP_NONE)
		return known;
	known = join(strings, path);
	*map_put(&strings->by_hash, key) = known;
	return known;
}
