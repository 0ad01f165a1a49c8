// What people call the parts of a heap: types, allocation sites, roots, fields.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct heap;

// What objects are told apart by.
enum naming_by { NAMING_BY_BEST, NAMING_BY_TYPE, NAMING_BY_SITE };

// NAMING_BY_BEST decided: sites where the dump names no types. Before heap_classify.
enum naming_by naming_decide(const struct heap *heap, enum naming_by by);

// The row of an object's type or site; HEAP_NONE where its site is not known. The heap
// must be classified.
uint32_t naming_group(const struct heap *heap, uint32_t object, enum naming_by by);

// How many rows there are.
size_t naming_group_count(const struct heap *heap, enum naming_by by);

// "main.node", or "main.build graph.go:74", the innermost frame that is not part of the
// allocator; "unknown site" for HEAP_NONE.
struct str naming_of_group(const struct heap *heap, uint32_t group, enum naming_by by,
			   struct arena *arena);

// "main.parked of goroutine 18", "bss", "queued finalizer".
struct str naming_of_root(const struct heap *heap, uint32_t root, struct arena *arena);

// "0xc000012340 main.node", or what naming_of_root says; "all roots" for the origin.
struct str naming_of_node(const struct heap *heap, uint32_t node, struct arena *arena);
