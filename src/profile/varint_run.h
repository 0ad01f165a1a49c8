// Runs of varints as packed location ids are: short ones, by the million.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Values that the last step may scribble behind those of a run.
enum { VARINT_RUN_SLACK = 4 };

// How the varints lie in eight bytes, by the mask of their continuation bits.
struct varint_layout {
	uint8_t shuffle[16]; // the bytes of up to four varints, each in four bytes
	uint8_t count, size; // varints taken, and bytes; none if the first is longer
};

struct varint_runs {
	bool is_supported; // by this processor
	struct varint_layout layouts[256];
};

struct varint_run {
	size_t count;
	uint32_t min, max;
};

void varint_runs_init(struct varint_runs *runs);

// Decodes the bytes [p, end), at least one, into values, which has room for as many as
// there are bytes and for the slack. False when that cannot be done fast: a varint is cut
// short or longer than four bytes, or the processor is too old.
bool varint_runs_decode(const struct varint_runs *runs, const uint8_t *p,
			const uint8_t *end, uint32_t *values, struct varint_run *run);
