// Reads words of a stack through a small window, so that a walk over a live process
// makes few system calls. Async-signal-safe.
#pragma once

#include "base/memory.h"

enum { WINDOW_SIZE = 256 };

// Windows are aligned, so that none spans two pages: a page that can be read can be read
// as a whole. Zero-initialised but for the memory.
struct window {
	const struct memory *memory;
	uint64_t start; // of the bytes held, or of the last ones that failed
	enum { WINDOW_EMPTY, WINDOW_FILLED, WINDOW_FAILED } state;
	uint8_t bytes[WINDOW_SIZE];
};

bool window_fill(struct window *window, uint64_t address, uint64_t *out);

static inline bool window_read(struct window *window, uint64_t address, uint64_t *out)
{
	uint64_t offset = address - window->start;

	if (window->state != WINDOW_FILLED || offset > WINDOW_SIZE - sizeof(*out))
		return window_fill(window, address, out);
	__builtin_memcpy(out, window->bytes + offset, sizeof(*out));
	return true;
}
