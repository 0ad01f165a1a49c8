// The frames of a flame: which names each location of a profile stands for.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "report/flame.h"

struct report_options;

// Location i holds list[first[i]] up to list[first[i + 1]], the outermost frame first.
// Each entry is a frame number and its inlining; see below. Owned blocks.
struct flame_frames {
	uint32_t *first, *list;
	struct interner names; // of frames, by frame number
};

static inline uint32_t flame_frames_row(uint32_t entry)
{
	return entry >> 1;
}

static inline enum flame_inlining flame_frames_inlining(uint32_t entry)
{
	return (entry & 1) != 0 ? FLAME_INLINED : FLAME_CALLED;
}

// Fills the flame's frame table and the list of each location.
void flame_frames_init(struct flame_frames *frames, struct flame *flame,
		       const struct report_options *options);
void flame_frames_deinit(struct flame_frames *frames);
