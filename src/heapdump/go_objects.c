// A type word next to a pointer says what the pointer leads to.
#include "heapdump/go_objects.h"

#include <stdlib.h>

#include "base/reader.h"
#include "heapdump/heap.h"

enum {
	WORD = 8,
	// Larger objects with pointers begin with their type since Go 1.22; the largest
	// have it elsewhere (runtime/malloc.go, MinSizeForMallocHeader and MaxSmallSize).
	HEADER_MIN = 512,
	HEADER_MAX = 32768,
	TAG_ALLOC_SAMPLE = 17,
};

struct go_objects {
	struct heap *heap;
	uint64_t first_type, last_type; // addresses of what names types
	struct map pointees;            // row of a type -> row of what it points to
	struct map by_size;             // size and whether it has pointers -> row
};

static void find_type_range(struct go_objects *objects)
{
	const struct map *rows = &objects->heap->type_rows;

	objects->first_type = UINT64_MAX;
	for (size_t i = 0; i < rows->capacity; i++) {
		uint64_t address = rows->slots[i].key;

		if (!rows->slots[i].used)
			continue;
		if (address < objects->first_type)
			objects->first_type = address;
		if (address > objects->last_type)
			objects->last_type = address;
	}
}

static uint32_t type_of_word(const struct go_objects *objects, uint64_t value)
{
	if (value < objects->first_type || value > objects->last_type)
		return MAP_NONE;
	return map_get(&objects->heap->type_rows, value);
}

static uint32_t row_of_name(struct heap *heap, struct str name)
{
	for (uint32_t i = 0; i < heap->type_count; i++) {
		if (str_equal(heap->types[i].name, name))
			return i;
	}
	return heap_add_type(heap, (struct heap_type){ .name = name });
}

// Maps, channels and functions are pointers themselves: what stands at the other end has
// no name of its own in Go.
static bool is_reference(struct str name)
{
	return str_starts_with(name, STR("map[")) ||
	       str_starts_with(name, STR("chan ")) || str_starts_with(name, STR("func("));
}

// The type of the object that the data word of an interface leads to: the interface's
// type T in a box, or for *T the T itself.
static uint32_t type_behind(struct go_objects *objects, uint32_t type)
{
	struct str name = objects->heap->types[type].name;
	uint32_t *row;

	if (name.n < 2 || name.p[0] != '*')
		return type;
	row = map_put(&objects->pointees, type);
	if (*row == MAP_NONE)
		*row = row_of_name(objects->heap, str_after(name, 1));
	return *row;
}

static void name_target(struct go_objects *objects, uint32_t type, uint64_t address)
{
	struct heap *heap = objects->heap;
	uint64_t offset;
	uint32_t target = heap_find(heap, address, &offset);
	struct heap_object object;

	if (target == HEAP_NONE || (offset != 0 && offset != WORD) ||
	    heap->types_of[target] != HEAP_NONE)
		return;
	heap_object_at(heap, target, &object);
	type = type_behind(objects, type);
	if (heap->types[type].size <= object.size || is_reference(heap->types[type].name))
		heap->types_of[target] = type;
}

static void see_interfaces(struct go_objects *objects,
			   const struct pointers_source *source)
{
	struct pointers_cursor cursor = pointers_from(source, 0);
	struct pointers_item item;
	uint64_t data_offset = UINT64_MAX;
	uint32_t type = MAP_NONE;

	while (pointers_next(&cursor, &item)) {
		if (type != MAP_NONE && item.offset == data_offset)
			name_target(objects, type, item.value);
		type = type_of_word(objects, item.value);
		data_offset = item.offset + WORD;
	}
}

static bool has_pointers(const struct heap_object *object)
{
	return *object->pointers.fields != POINTERS_FIELD_END;
}

static void see_header(struct go_objects *objects, uint32_t id,
		       const struct heap_object *object)
{
	uint64_t word;
	uint32_t type;

	if (object->size <= HEADER_MIN || object->size > HEADER_MAX ||
	    object->pointers.contents_size < WORD || !has_pointers(object))
		return;
	memcpy(&word, object->pointers.contents, sizeof(word));
	type = type_of_word(objects, word);
	if (type != MAP_NONE && objects->heap->types[type].size <= object->size)
		objects->heap->types_of[id] = type;
}

// One type for each size, with and without pointers.
static void class_by_size(struct go_objects *objects, uint32_t id,
			  const struct heap_object *object)
{
	struct heap *heap = objects->heap;
	bool points = has_pointers(object);
	uint32_t *row = map_put(&objects->by_size, object->size << 1 | points);

	if (*row == MAP_NONE)
		*row = heap_add_type(
			heap, (struct heap_type){
				      .name = str_format(&heap->arena,
							 "%llu bytes, %s pointers",
							 (unsigned long long)object->size,
							 points ? "with" : "without"),
				      .size = object->size });
	heap->types_of[id] = *row;
}

static void name_types(struct go_objects *objects)
{
	struct heap *heap = objects->heap;
	uint32_t count = (uint32_t)heap->objects.count;
	struct heap_object object;

	for (uint32_t i = 0; i < count; i++)
		heap->types_of[i] = HEAP_NONE;
	for (size_t i = 0; i < heap->root_count; i++)
		see_interfaces(objects, &heap->roots[i].pointers);
	for (uint32_t i = 0; i < count; i++) {
		heap_object_at(heap, i, &object);
		see_header(objects, i, &object);
		see_interfaces(objects, &object.pointers);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (heap->types_of[i] != HEAP_NONE)
			continue;
		heap_object_at(heap, i, &object);
		class_by_size(objects, i, &object);
	}
}

// Samples stand in a row, after the sites.
static void read_sites(struct heap *heap)
{
	struct reader r = reader_from(heap->file.bytes, heap->file.size);

	reader_seek(&r, heap->samples_at);
	do {
		uint64_t offset, address = reader_uleb(&r);
		uint32_t object = heap_find(heap, address, &offset);
		uint32_t site = map_get(&heap->site_rows, reader_uleb(&r));

		if (!reader_ok(&r))
			return;
		if (object == HEAP_NONE || site == MAP_NONE)
			continue;
		heap_init_sites(heap);
		heap->sites_of[object] = site;
	} while (reader_uleb(&r) == TAG_ALLOC_SAMPLE);
}

void go_objects_classify(struct heap *heap)
{
	struct go_objects objects = { .heap = heap };

	find_type_range(&objects);
	name_types(&objects);
	if (heap->samples_at != 0)
		read_sites(heap);
	map_deinit(&objects.pointees);
	map_deinit(&objects.by_size);
}
