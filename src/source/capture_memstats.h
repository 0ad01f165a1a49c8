// Memory statistics of programs that are not Go's: from libgoprof in the process, else
// what the kernel knows.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct capture_notes;
struct capture_target;
struct error;
struct writer;

enum { CAPTURE_MEMSTATS_MAX = 32 };

// A field by Go's name, in bytes or a count; or the allocator's name as text.
struct capture_number {
	char name[32];
	char text[32]; // "": a number
	uint64_t value;
};

struct capture_memstats {
	struct capture_number numbers[CAPTURE_MEMSTATS_MAX];
	size_t count;
};

bool capture_memstats_read(const struct capture_target *target,
			   struct capture_memstats *out, struct capture_notes *notes,
			   struct error *err) __attribute__((warn_unused_result));

// The lines that libgoprof answers; what is none is left out.
void capture_memstats_parse(struct str text, struct capture_memstats *out);

// A line a field; an object.
void capture_memstats_table(const struct capture_memstats *stats, struct writer *w);
void capture_memstats_json(const struct capture_memstats *stats, struct writer *w);
