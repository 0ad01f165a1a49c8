// A heap as a dump shows it: objects, what they point to, roots, types, allocation sites.
// Everything large stays in the mapped file; see docs/heapdump.md for what is held.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "heapdump/address_index.h"
#include "heapdump/pointers.h"

struct heap;

// "No such row".
#define HEAP_NONE UINT32_MAX

// One object or block, decoded from its record. Borrowed from the file.
struct heap_object {
	uint64_t address, size;
	struct pointers_source pointers;
};

enum heap_root_kind {
	HEAP_ROOT_DATA,      // initialised globals
	HEAP_ROOT_BSS,       // other globals
	HEAP_ROOT_FRAME,     // a frame of a stack
	HEAP_ROOT_STACK,     // a whole stack
	HEAP_ROOT_REGISTERS, // of a thread
	HEAP_ROOT_FINALIZER, // what a finalizer keeps
	HEAP_ROOT_OTHER,
};

// Memory outside of the heap that may point into it.
struct heap_root {
	enum heap_root_kind kind;
	uint32_t thread; // row of threads, HEAP_NONE where it belongs to none
	struct str name; // of segment, variable, function or purpose
	uint64_t first;  // offset of a variable in the contents of its segment
	struct pointers_source pointers;
};

// A thread or a goroutine.
struct heap_thread {
	uint64_t id, handle; // handle: what root records know it by
	struct str state;    // "chan receive"; "" unknown
};

struct heap_type {
	struct str name;
	uint64_t size; // 0 unknown
};

struct heap_frame {
	struct str function, file;
	uint64_t line;
};

// A stack that allocated: site_frames [first, first + count) are rows of frames,
// innermost first.
struct heap_site {
	uint32_t first, count;
	uint64_t allocations, frees; // since the start of the program; 0 unknown
};

struct heap_format {
	const char *name;
	void (*decode)(const struct heap *heap, uint64_t record, struct heap_object *out);
	// Fills types_of and sites_of, as far as the dump tells.
	void (*classify)(struct heap *heap);
};

// What a reader must know to trust the numbers.
struct heap_quality {
	bool is_truncated;           // the file ends before its end record
	uint64_t read_bytes;         // of the file
	uint64_t bogus, bogus_bytes; // records that are no objects, left out; go_slots.h
	uint64_t overlapping;        // objects that begin inside another one
	uint64_t pause_ns;           // for which the process stood still; 0 unknown
	bool is_incomplete;          // of some blocks nothing is known
	bool is_conservative;        // any word that looks like a pointer counts as one
};

// Owner of the file and all tables. Objects are numbered 0, 1, ... by address; a root
// counts as node object_count + its row.
struct heap {
	struct file_view file;
	const struct heap_format *format;
	struct address_index objects;
	uint32_t *types_of; // by object: row of types; NULL before heap_classify
	uint32_t *sites_of; // by object: row of sites or HEAP_NONE; NULL: none is known
	uint64_t bytes;     // of all objects

	struct heap_root *roots;
	size_t root_count, root_capacity;
	struct heap_thread *threads;
	size_t thread_count, thread_capacity;
	struct heap_type *types;
	size_t type_count, type_capacity;
	struct heap_frame *frames;
	size_t frame_count, frame_capacity;
	uint32_t *site_frames;
	size_t site_frame_count, site_frame_capacity;
	struct heap_site *sites;
	size_t site_count, site_capacity;
	struct map type_rows, site_rows; // by what the dump's records know them by
	uint64_t samples_at; // where the file says which sites objects are of; 0: nowhere

	struct str program, version; // of what was dumped: "go1.27.0"
	uint64_t time_ns;            // of the dump, since 1970; 0 unknown
	struct str thread_word;      // "goroutine", "thread"
	uint64_t go_stats[24];       // runtime.MemStats' first fields; go_dump.h
	bool has_go_stats;
	struct heap_quality quality;
	struct arena arena;
};

void heap_deinit(struct heap *heap);

// Says of each object what it is and where it was allocated: eight bytes an object, which
// is why it waits until it is asked for. Later calls do nothing.
void heap_classify(struct heap *heap);

// An empty list of sites_of, for a format that finds the first one.
void heap_init_sites(struct heap *heap);

// The i-th frame of a site, from the innermost.
static inline const struct heap_frame *heap_site_frame(const struct heap *heap,
						       const struct heap_site *site,
						       uint32_t i)
{
	return &heap->frames[heap->site_frames[site->first + i]];
}

void heap_object_at(const struct heap *heap, uint32_t object, struct heap_object *out);

static inline size_t heap_object_count(const struct heap *heap)
{
	return heap->objects.count;
}

static inline size_t heap_node_count(const struct heap *heap)
{
	return heap->objects.count + heap->root_count;
}

// The object that an address points to, with the offset into it; HEAP_NONE outside of the
// heap. The start of an object is its own even where its size is 0.
uint32_t heap_find(const struct heap *heap, uint64_t address, uint64_t *offset);

// What a node points from.
void heap_node_pointers(const struct heap *heap, uint32_t node,
			struct pointers_source *out);

// For readers of formats: each appends a row and returns its number.
uint32_t heap_add_root(struct heap *heap, struct heap_root root);
uint32_t heap_add_pointer_root(struct heap *heap, struct heap_root root, uint64_t value);
uint32_t heap_add_thread(struct heap *heap, struct heap_thread thread);
uint32_t heap_add_type(struct heap *heap, struct heap_type type);
uint32_t heap_add_frame(struct heap *heap, struct heap_frame frame);
uint32_t heap_add_site_frame(struct heap *heap, uint32_t frame);
uint32_t heap_add_site(struct heap *heap, struct heap_site site);

// Readers call this last: numbers the objects and counts them. Takes the entries over.
void heap_take_objects(struct heap *heap, struct address_entry *entries, size_t count);
