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

struct str symbol_strings_text(const char *pool, size_t size, uint32_t offset)
{
	uint32_t length;

	if (offset < SYMBOL_STRINGS_PREFIX || offset >= size)
		return STR("");
	memcpy(&length, pool + offset - SYMBOL_STRINGS_PREFIX, sizeof(length));
	return length < size - offset ? (struct str){ pool + offset, length } : STR("");
}

static void set_length(char *text, size_t size)
{
	uint32_t length = (uint32_t)size;

	memcpy(text - SYMBOL_STRINGS_PREFIX, &length, sizeof(length));
}

// Room for a text of that size with its length before it.
static char *append_room(struct symbol_strings *strings, size_t size)
{
	size += SYMBOL_STRINGS_PREFIX;
	strings->bytes = table_reserve(strings->bytes, &strings->capacity,
				       strings->used + size + 1, 1);
	if (strings->used == 0)
		strings->bytes[strings->used++] = '\0';
	char *room = strings->bytes + strings->used;

	strings->used += size;
	return room + SYMBOL_STRINGS_PREFIX;
}

static bool has_room(const struct symbol_strings *strings, size_t size)
{
	return size < UINT32_MAX / 2 &&
	       strings->used + size < UINT32_MAX - 2 - SYMBOL_STRINGS_PREFIX;
}

uint32_t symbol_strings_add(struct symbol_strings *strings, const char *text)
{
	if (*text == '\0')
		return 0;
	uint32_t *slot = map_put(&strings->by_place, (uint64_t)(uintptr_t)text);

	if (*slot == MAP_NONE) {
		size_t size = strlen(text) + 1;

		*slot = 0;
		if (has_room(strings, size)) {
			char *room = append_room(strings, size);

			memcpy(room, text, size);
			set_length(room, size - 1);
			*slot = (uint32_t)(room - strings->bytes);
		}
	}
	return *slot;
}

static char *append_part(char *out, const char *part, size_t size, bool is_last)
{
	if (size == 0)
		return out;
	memcpy(out, part, size);
	out += size;
	if (!is_last)
		*out++ = '/';
	return out;
}

static uint32_t join(struct symbol_strings *strings, const struct dwarf_path *path)
{
	size_t unit_folder = strlen(path->unit_folder), folder = strlen(path->folder);
	size_t name = strlen(path->name);

	if (path->name[0] == '/')
		folder = 0;
	if (path->name[0] == '/' || path->folder[0] == '/')
		unit_folder = 0;
	if (!has_room(strings, unit_folder + folder + name + 3))
		return 0;
	char *start = append_room(strings, unit_folder + folder + name + 3), *out = start;

	out = append_part(out, path->unit_folder, unit_folder, false);
	out = append_part(out, path->folder, folder, false);
	out = append_part(out, path->name, name, true);
	*out++ = '\0';
	set_length(start, (size_t)(out - start) - 1);
	uint32_t offset = (uint32_t)(start - strings->bytes);
	uint32_t *slot =
		map_put(&strings->by_hash, hash_bytes(start, (size_t)(out - start)) | 1);

	// The text may be there already, from parts at other places.
	if (*slot != MAP_NONE && strcmp(strings->bytes + *slot, start) == 0) {
		strings->used = offset - SYMBOL_STRINGS_PREFIX;
		return *slot;
	}
	*slot = offset;
	strings->used = (size_t)(out - strings->bytes);
	return offset;
}

uint32_t symbol_strings_add_path(struct symbol_strings *strings,
				 const struct dwarf_path *path)
{
	uint64_t key = hash_mix(hash_mix((uintptr_t)path->name, (uintptr_t)path->folder),
				(uintptr_t)path->unit_folder) &
		       ~(uint64_t)1;
	uint32_t known = map_get(&strings->by_hash, key);

	if (known != MAP_NONE)
		return known;
	known = join(strings, path);
	*map_put(&strings->by_hash, key) = known;
	return known;
}
