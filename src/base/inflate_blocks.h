// Deflate data (RFC 1951) from memory to memory, telling how far it has come.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum {
	INFLATE_BLOCKS_SLACK =
		320, // bytes that may be written behind the end of the room
	INFLATE_BLOCKS_STEP = 128 << 10, // bytes from one report to the next, about
};

// Where plain bytes go, and who is told that the first `made` of them are there. Where it
// answers false, nothing more is made.
struct inflate_blocks_sink {
	const char *eaten; // the input before it is not read again
	uint8_t *room;     // of `size` bytes, and the slack
	size_t size;
	bool (*advance)(struct inflate_blocks_sink *sink, size_t made);
};

// Inflates the blocks that bytes begin with and returns true with the sizes of both.
// False where they are damaged, do not fit or the sink wants no more.
bool inflate_blocks(struct str bytes, struct inflate_blocks_sink *sink, size_t *eaten,
		    size_t *made) __attribute__((warn_unused_result));
