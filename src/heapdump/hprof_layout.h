// Java classes for objects that have none: one for each type, size and set of pointers.
#pragma once

#include <stdint.h>

#include "base/fold.h"
#include "base/map.h"
#include "heapdump/hprof_records.h"

struct heap;
struct heap_object;

enum { HPROF_LAYOUT_WORDS_MAX = 256 }; // of an instance; larger objects are arrays

// Ids that no address of a user's process has.
#define HPROF_LAYOUT_CLASS_BASE 0xf000000000000000u
#define HPROF_LAYOUT_ROOT_BASE  0xe000000000000000u

struct hprof_layout_class;

struct hprof_layouts {
	struct heap *heap;
	struct hprof_records *records;
	uint64_t object_class; // java/lang/Object
	uint64_t array_class;  // java/lang/Object[]
	struct hprof_layout_class *classes;
	size_t count, capacity;
	uint32_t next_class;
	struct fold rows;
	struct map counts; // by type: how many classes it has
	struct interner array_names;
	uint64_t *arrays; // by name: class
	size_t array_count, array_capacity;
	uint64_t field_names[HPROF_LAYOUT_WORDS_MAX + 8]; // ids of strings
};

// Writes the classes that readers expect in every file.
void hprof_layouts_init(struct hprof_layouts *layouts, struct heap *heap,
			struct hprof_records *records);
void hprof_layouts_deinit(struct hprof_layouts *layouts);

// Which words of an object are references: a bit for each.
struct hprof_words {
	uint64_t bits[HPROF_LAYOUT_WORDS_MAX / 64];
};

static inline bool hprof_words_has(const struct hprof_words *words, unsigned i)
{
	return words->bits[i / 64] >> i % 64 & 1;
}

void hprof_words_find(const struct heap_object *object, struct hprof_words *out);

// The class of a small object, written when it is first met.
uint64_t hprof_layouts_class(struct hprof_layouts *layouts, uint32_t type, uint64_t size,
			     const struct hprof_words *words);

// A class of arrays with a name that outlives the layouts, the same for equal names.
uint64_t hprof_layouts_named_array(struct hprof_layouts *layouts, struct str name);
