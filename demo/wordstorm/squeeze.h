// A small LZ77 compressor: bytes that came before are said as (distance, length).
#pragma once

#include <stddef.h>
#include <stdint.h>

// The most that `size` bytes can become, where nothing repeats.
static inline size_t squeeze_bound(size_t size)
{
	return size + size / 128 + 1;
}

// Writes at most squeeze_bound(size) bytes and gives their number.
size_t squeeze(const uint8_t *in, size_t size, uint8_t *out);

// The reverse: gives the number of bytes written, or 0 where the input is not what
// squeeze wrote or does not fit in `room`.
size_t squeeze_undo(const uint8_t *in, size_t size, uint8_t *out, size_t room);
