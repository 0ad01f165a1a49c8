// Deflate blocks: what is accepted is what libdeflate makes of it.
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/inflate_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool advance(struct inflate_blocks_sink *sink, size_t made)
{
	return made <= sink->size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ROOM = 1 << 16 };
	uint8_t *ours = malloc(ROOM + INFLATE_BLOCKS_SLACK), *theirs = malloc(ROOM);
	struct inflate_blocks_sink sink = { .room = ours,
					    .size = ROOM,
					    .advance = advance };
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	size_t eaten, made, their_eaten, their_made;

	if (inflate_blocks((struct str){ (const char *)data, size }, &sink, &eaten,
			   &made) &&
	    (libdeflate_deflate_decompress_ex(d, data, size, theirs, ROOM, &their_eaten,
					      &their_made) != LIBDEFLATE_SUCCESS ||
	     eaten != their_eaten || made != their_made ||
	     memcmp(ours, theirs, made) != 0))
		__builtin_trap();
	libdeflate_free_decompressor(d);
	free(ours);
	free(theirs);
	return 0;
}
