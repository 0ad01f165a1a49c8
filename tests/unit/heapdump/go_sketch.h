// Writes small Go heap dumps into memory, record by record.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/writer.h"

struct heap;

struct go_sketch {
	struct writer w;
};

// Header and parameters.
struct go_sketch go_sketch_of_version(const char *version);

void go_sketch_number(struct go_sketch *sketch, uint64_t value);
void go_sketch_text(struct go_sketch *sketch, const char *text);

// Tag 1: an object whose first words are these pointers and the rest zero.
void go_sketch_object(struct go_sketch *sketch, uint64_t address, uint64_t size,
		      const uint64_t *pointers, size_t count);

// Tag 13: a segment that is a list of pointers.
void go_sketch_bss(struct go_sketch *sketch, uint64_t address, const uint64_t *pointers,
		   size_t count);

// Ends the dump, opens it and gives the sketch's memory away; the test fails if it does
// not open.
void go_sketch_open(struct go_sketch *sketch, struct heap *out);

// The same for the first `size` bytes, without an end record.
void go_sketch_open_part(struct go_sketch *sketch, size_t size, struct heap *out);
