// Frames that a dump knows by their addresses alone: their functions and lines are looked
// up in the program files, as far as those are there.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct heap;
struct map;

// A program file that was mapped, by the id that places use.
struct places_module {
	uint64_t id, start, limit, offset;
	struct str path, build_id;
};

struct places_place {
	uint64_t frame, address, module; // ids; module 0: in none
};

// As the dump lists them. Zero-initialised is empty and valid; strings are borrowed.
struct places {
	struct places_module *modules;
	size_t module_count, module_capacity;
	struct places_place *items;
	size_t count, capacity;
};

void places_add_module(struct places *places, struct places_module module);
void places_add(struct places *places, struct places_place place);
void places_deinit(struct places *places);

// Puts rows of frames in place of the ids that the heap's site_frames has so far: those
// of `frame_rows`, and those of places, several where calls were inlined. Sites of equal
// stacks become one, also in site_rows.
void places_resolve(const struct places *places, const struct map *frame_rows,
		    struct heap *heap);
