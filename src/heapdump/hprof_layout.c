// Layouts are folded by type, size and pointers; each is a class of its own name or, from
// the second on, of its name and a number.
#include "heapdump/hprof_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "heapdump/heap.h"

enum { WORD = 8 };

struct hprof_layout_class {
	uint64_t id, size;
	uint32_t type;
	struct hprof_words words;
};

static uint64_t new_class(struct hprof_layouts *layouts, struct str name)
{
	uint64_t id = HPROF_LAYOUT_CLASS_BASE + 16 * (uint64_t)++layouts->next_class;

	hprof_records_load_class(layouts->records, layouts->next_class, id,
				 hprof_records_string(layouts->records, name));
	return id;
}

static uint64_t add_bare_class(struct hprof_layouts *layouts, struct str name)
{
	struct hprof_class class = { .id = new_class(layouts, name),
				     .super = layouts->object_class };

	hprof_records_class(layouts->records, &class);
	return class.id;
}

void hprof_layouts_init(struct hprof_layouts *layouts, struct heap *heap,
			struct hprof_records *records)
{
	static const char *const expected[] = {
		"java/lang/Class",
		"java/lang/ClassLoader",
		"java/lang/String",
		"java/lang/Thread",
		"[Z",
		"[C",
		"[F",
		"[D",
		"[B",
		"[S",
		"[I",
		"[J",
	};

	*layouts = (struct hprof_layouts){ .heap = heap, .records = records };
	layouts->object_class = add_bare_class(layouts, STR("java/lang/Object"));
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		add_bare_class(layouts, str_from(expected[i]));
	layouts->array_class = add_bare_class(layouts, STR("[Ljava/lang/Object;"));
}

void hprof_layouts_deinit(struct hprof_layouts *layouts)
{
	free(layouts->classes);
	free(layouts->arrays);
	map_deinit(&layouts->counts);
	interner_deinit(&layouts->array_names);
	fold_deinit(&layouts->rows);
}

void hprof_words_find(const struct heap_object *object, struct hprof_words *out)
{
	struct pointers_source source = object->pointers;
	struct pointers_cursor cursor = pointers_from(&source, 0);
	struct pointers_item item;
	uint64_t words = object->size / WORD;

	*out = (struct hprof_words){ 0 };
	if (source.form == POINTERS_CONSERVATIVE) {
		for (unsigned i = 0; i < words; i++)
			out->bits[i / 64] |= (uint64_t)1 << i % 64;
		return;
	}
	while (pointers_next_place(&cursor, &item)) {
		if (item.offset % WORD == 0 && item.offset / WORD < words)
			out->bits[item.offset / WORD / 64] |= (uint64_t)1
							      << item.offset / WORD % 64;
	}
}

static uint64_t field_name(struct hprof_layouts *layouts, unsigned i, uint64_t offset)
{
	char text[24];

	if (layouts->field_names[i] == 0) {
		snprintf(text, sizeof(text), "+0x%llx", (unsigned long long)offset);
		layouts->field_names[i] =
			hprof_records_string(layouts->records, str_from(text));
	}
	return layouts->field_names[i];
}

static void write_class(struct hprof_layouts *layouts,
			const struct hprof_layout_class *class)
{
	uint64_t names[HPROF_LAYOUT_WORDS_MAX + WORD];
	uint8_t types[HPROF_LAYOUT_WORDS_MAX + WORD];
	unsigned words = (unsigned)(class->size / WORD), tail = class->size % WORD;
	struct hprof_class record = { .id = class->id,
				      .super = layouts->object_class,
				      .size = (uint32_t) class->size,
				      .names = names,
				      .types = types };

	for (unsigned i = 0; i < words; i++) {
		names[i] = field_name(layouts, i, (uint64_t)i * WORD);
		types[i] =
			hprof_words_has(&class->words, i) ? HPROF_REFERENCE : HPROF_LONG;
	}
	for (unsigned i = 0; i < tail; i++) {
		names[words + i] = hprof_records_string(layouts->records, STR("tail"));
		types[words + i] = HPROF_BYTE;
	}
	record.count = (uint16_t)(words + tail);
	hprof_records_class(layouts->records, &record);
}

static uint64_t add_class(struct hprof_layouts *layouts, struct hprof_layout_class class)
{
	struct str name = layouts->heap->types[class.type].name;
	struct arena arena = { 0 };

	uint32_t *last = map_put(&layouts->counts, class.type);

	*last = *last == MAP_NONE ? 1 : *last + 1;
	if (*last > 1)
		name = str_format(&arena, "%.*s #%u", (int)name.n, name.p, *last);
	class.id = new_class(layouts, name);
	write_class(layouts, &class);
	arena_deinit(&arena);
	layouts->classes = table_reserve(layouts->classes, &layouts->capacity,
					 layouts->count + 1, sizeof(class));
	layouts->classes[layouts->count++] = class;
	return class.id;
}

uint64_t hprof_layouts_class(struct hprof_layouts *layouts, uint32_t type, uint64_t size,
			     const struct hprof_words *words)
{
	uint64_t hash = hash_mix(hash_bytes(words, sizeof(*words)), hash_mix(type, size));
	size_t slot;
	uint32_t row;

	fold_reserve(&layouts->rows, 1);
	slot = fold_start(&layouts->rows, hash);
	while ((row = fold_next(&layouts->rows, hash, &slot)) != FOLD_NONE) {
		const struct hprof_layout_class *class = &layouts->classes[row];

		if (class->type == type && class->size == size &&
		    memcmp(&class->words, words, sizeof(*words)) == 0)
			return class->id;
	}
	fold_add(&layouts->rows, hash, slot, (uint32_t)layouts->count);
	return add_class(layouts, (struct hprof_layout_class){
					  .type = type, .size = size, .words = *words });
}

uint64_t hprof_layouts_named_array(struct hprof_layouts *layouts, struct str name)
{
	uint32_t row = interner_add(&layouts->array_names, NULL, name);
	struct arena arena = { 0 };

	layouts->arrays =
		table_reserve(layouts->arrays, &layouts->array_capacity,
			      layouts->array_names.count, sizeof(*layouts->arrays));
	if (row == layouts->array_count) {
		layouts->arrays[row] = add_bare_class(
			layouts, str_format(&arena, "[L%.*s;", (int)name.n, name.p));
		layouts->array_count++;
	}
	arena_deinit(&arena);
	return layouts->arrays[row];
}
