// Breadth first from the globals. The first type that leads to an object names it.
#include "heapdump/go_typing.h"

#include <stdlib.h>
#include <string.h>

#include "heapdump/go_type_file.h"
#include "heapdump/go_variables.h"
#include "heapdump/heap.h"

enum {
	WORD = 8,
	NESTING_MAX = 32,
	HEADER_MIN = 512, // objects above it begin with their type, since Go 1.22
	HEADER_MAX = 32768,
	// runtime/map.go, hmap.buckets; internal/runtime/maps, Map.dirPtr and dirLen: at
	// the same place. runtime/chan.go, hchan.buf.
	MAP_POINTER = 16,
	MAP_DIRECTORY_LENGTH = 24,
	TABLE_GROUPS = 16, // internal/runtime/maps, table.groups.data
	CHAN_BUFFER = 16,
};

// What an object is: one value of a type, an array of them, or a part of a map or
// channel.
enum shape {
	SHAPE_VALUE,
	SHAPE_ARRAY,
	SHAPE_MAP,
	SHAPE_DIRECTORY, // of a map since Go 1.24: pointers to tables
	SHAPE_TABLE,
	SHAPE_CHAN,
	SHAPE_COUNT,
};

struct typed {
	uint32_t object;
	enum shape shape;
	uint64_t type;
};

struct typing {
	struct heap *heap;
	struct go_type_file file;
	struct go_variables variables;
	bool *is_typed; // by object
	struct typed *queue;
	size_t first, count, capacity;
	struct map names[SHAPE_COUNT]; // by type: row of the heap's types
};

static struct str name_of(struct typing *typing, const struct go_type *type,
			  enum shape shape)
{
	static const char *const parts[SHAPE_COUNT] = { [SHAPE_MAP] = "header",
							[SHAPE_DIRECTORY] = "directory",
							[SHAPE_TABLE] = "table",
							[SHAPE_CHAN] = "header" };
	struct arena *arena = &typing->heap->arena;

	if (shape == SHAPE_VALUE)
		return type->name;
	if (shape == SHAPE_ARRAY)
		return str_format(arena, "[]%.*s", (int)type->name.n, type->name.p);
	return str_format(arena, "%.*s (%s)", (int)type->name.n, type->name.p,
			  parts[shape]);
}

// Up to 512 bytes nothing stands before the value; in larger ones its type may.
static uint64_t value_offset(const struct heap_object *object)
{
	uint64_t word = 0;

	if (object->size <= HEADER_MIN || object->size > HEADER_MAX ||
	    object->pointers.contents_size < WORD ||
	    object->pointers.form != POINTERS_LISTED)
		return 0;
	memcpy(&word, object->pointers.contents, WORD);
	// A header is a type's address; without one the object begins with its value.
	return word != 0 && *object->pointers.fields != POINTERS_FIELD_END ? WORD : 0;
}

static void name_object(struct typing *typing, uint64_t address, uint64_t type_address,
			enum shape shape)
{
	struct heap *heap = typing->heap;
	struct heap_object object;
	struct go_type type;
	uint64_t offset;
	uint32_t target = heap_find(heap, address, &offset), *row;

	if (target == HEAP_NONE || typing->is_typed[target] || offset > WORD ||
	    !go_type_file_read(&typing->file, type_address, &type))
		return;
	heap_object_at(heap, target, &object);
	if ((offset != 0 && object.size <= HEADER_MIN) ||
	    ((shape == SHAPE_VALUE || shape == SHAPE_ARRAY) && type.size > object.size))
		return;
	row = map_put(&typing->names[shape], type_address);
	if (*row == MAP_NONE)
		*row = heap_add_type(heap,
				     (struct heap_type){ name_of(typing, &type, shape),
							 type.size });
	heap->types_of[target] = *row;
	typing->is_typed[target] = true;
	typing->queue = table_reserve(typing->queue, &typing->capacity, typing->count + 1,
				      sizeof(*typing->queue));
	typing->queue[typing->count++] = (struct typed){ target, shape, type_address };
}

// Typed memory that is being looked at.
struct view {
	const uint8_t *bytes;
	uint64_t size;
};

static uint64_t word_at(struct view view, uint64_t offset)
{
	uint64_t value = 0;

	if (view.size >= WORD && offset <= view.size - WORD)
		memcpy(&value, view.bytes + offset, sizeof(value));
	return value;
}

static struct view view_from(struct view view, uint64_t offset)
{
	return offset > view.size
		       ? (struct view){ view.bytes, 0 }
		       : (struct view){ view.bytes + offset, view.size - offset };
}

static void see_value(struct typing *typing, struct view view, uint64_t type_address,
		      unsigned nesting);

// Its words are a type, or a table that has the type as its second word, and a pointer to
// the value, which is the value itself where that is a pointer.
static void see_interface(struct typing *typing, struct view view,
			  const struct go_type *interface)
{
	uint64_t word = word_at(view, 0), data = word_at(view, WORD);
	struct go_type type;

	if (interface->has_methods)
		word = go_type_file_word(&typing->file, word + WORD);
	if (word == 0 || !go_type_file_read(&typing->file, word, &type))
		return;
	if (type.kind == GO_KIND_POINTER)
		name_object(typing, data, type.element, SHAPE_VALUE);
	else if (type.kind == GO_KIND_MAP)
		name_object(typing, data, word, SHAPE_MAP);
	else if (type.kind == GO_KIND_CHAN)
		name_object(typing, data, word, SHAPE_CHAN);
	else if (type.kind != GO_KIND_FUNC && type.kind != GO_KIND_UNSAFE_POINTER)
		name_object(typing, data, word, SHAPE_VALUE);
}

static void see_struct(struct typing *typing, struct view view,
		       const struct go_type *type, unsigned nesting)
{
	for (uint64_t i = 0; i < type->count; i++) {
		uint64_t field, offset;

		if (!go_type_file_field(&typing->file, type, i, &field, &offset) ||
		    offset >= view.size)
			return;
		see_value(typing, view_from(view, offset), field, nesting + 1);
	}
}

static void see_array(struct typing *typing, struct view view, uint64_t element,
		      uint64_t count, unsigned nesting)
{
	struct go_type type;

	if (!go_type_file_read(&typing->file, element, &type) || type.pointer_bytes == 0)
		return;
	for (uint64_t i = 0; i < count && (i + 1) * type.size <= view.size; i++)
		see_value(typing, view_from(view, i * type.size), element, nesting + 1);
}

static void see_value(struct typing *typing, struct view view, uint64_t type_address,
		      unsigned nesting)
{
	struct go_type type;

	if (nesting > NESTING_MAX ||
	    !go_type_file_read(&typing->file, type_address, &type) ||
	    type.pointer_bytes == 0)
		return;
	if (type.kind == GO_KIND_POINTER)
		name_object(typing, word_at(view, 0), type.element, SHAPE_VALUE);
	else if (type.kind == GO_KIND_SLICE)
		name_object(typing, word_at(view, 0), type.element, SHAPE_ARRAY);
	else if (type.kind == GO_KIND_MAP)
		name_object(typing, word_at(view, 0), type_address, SHAPE_MAP);
	else if (type.kind == GO_KIND_CHAN)
		name_object(typing, word_at(view, 0), type_address, SHAPE_CHAN);
	else if (type.kind == GO_KIND_INTERFACE)
		see_interface(typing, view, &type);
	else if (type.kind == GO_KIND_STRUCT)
		see_struct(typing, view, &type, nesting);
	else if (type.kind == GO_KIND_ARRAY)
		see_array(typing, view, type.element, type.count, nesting);
}

// Up to Go 1.23 buckets; since then one group, or tables of them by a directory.
static void see_map(struct typing *typing, struct view view, uint64_t map_type,
		    const struct go_type *type)
{
	struct go_type inner;

	if (!go_type_file_read(&typing->file, type->inner, &inner))
		return;
	if (str_starts_with(inner.name, STR("map.group[")) &&
	    word_at(view, MAP_DIRECTORY_LENGTH) != 0)
		name_object(typing, word_at(view, MAP_POINTER), map_type,
			    SHAPE_DIRECTORY);
	else
		name_object(typing, word_at(view, MAP_POINTER), type->inner, SHAPE_ARRAY);
}

static void see_directory(struct typing *typing, struct view view, uint64_t map_type)
{
	for (uint64_t at = 0; at + WORD <= view.size; at += WORD)
		name_object(typing, word_at(view, at), map_type, SHAPE_TABLE);
}

static void see_object(struct typing *typing, const struct typed *typed)
{
	struct heap_object object;
	struct go_type type;
	struct view view;

	heap_object_at(typing->heap, typed->object, &object);
	if (object.pointers.contents == NULL ||
	    !go_type_file_read(&typing->file, typed->type, &type))
		return;
	view = view_from((struct view){ object.pointers.contents,
					object.pointers.contents_size },
			 value_offset(&object));
	switch (typed->shape) {
	case SHAPE_VALUE:
		see_value(typing, view, typed->type, 0);
		break;
	case SHAPE_ARRAY:
		see_array(typing, view, typed->type, UINT64_MAX, 0);
		break;
	case SHAPE_MAP:
		see_map(typing, view, typed->type, &type);
		break;
	case SHAPE_DIRECTORY:
		see_directory(typing, view, typed->type);
		break;
	case SHAPE_TABLE:
		name_object(typing, word_at(view, TABLE_GROUPS), type.inner, SHAPE_ARRAY);
		break;
	case SHAPE_CHAN:
		name_object(typing, word_at(view, CHAN_BUFFER), type.element,
			    SHAPE_ARRAY);
		break;
	case SHAPE_COUNT:
		break;
	}
}

static void see_globals(struct typing *typing)
{
	const struct heap *heap = typing->heap;

	for (size_t i = 0; i < heap->root_count; i++) {
		const struct heap_root *root = &heap->roots[i];
		const struct pointers_source *source = &root->pointers;
		uint64_t type;

		if ((root->kind != HEAP_ROOT_DATA && root->kind != HEAP_ROOT_BSS) ||
		    source->contents == NULL || root->first > source->contents_size)
			continue;
		type = go_variables_find(&typing->variables,
					 source->address + root->first);
		// DWARF has offsets from where the descriptors begin.
		if (type != 0)
			see_value(typing,
				  (struct view){ source->contents + root->first,
						 source->contents_size - root->first },
				  typing->file.names + type, 0);
	}
}

void go_typing_apply(struct heap *heap, struct elf *elf)
{
	struct typing typing = { .heap = heap };

	if (!go_type_file_init(&typing.file, elf, &heap->arena))
		return;
	heap_classify(heap);
	go_variables_read(elf, &typing.variables);
	typing.is_typed = table_zeroed(heap->objects.count + 1, sizeof(bool));
	see_globals(&typing);
	while (typing.first < typing.count) {
		struct typed typed = typing.queue[typing.first++];

		see_object(&typing, &typed);
	}
	for (size_t i = 0; i < SHAPE_COUNT; i++)
		map_deinit(&typing.names[i]);
	free(typing.queue);
	free(typing.is_typed);
	go_variables_deinit(&typing.variables);
}
