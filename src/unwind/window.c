// Fills the window, or reads the single word where a whole window cannot be had.
#include "unwind/window.h"

bool window_fill(struct window *window, uint64_t address, uint64_t *out)
{
	uint64_t start = address & ~(uint64_t)(WINDOW_SIZE - 1);
	bool fits = address - start <= WINDOW_SIZE - sizeof(*out);

	if (!fits || (window->state == WINDOW_FAILED && window->start == start))
		return memory_read_u64(window->memory, address, out);
	window->start = start;
	if (memory_read(window->memory, start, window->bytes, WINDOW_SIZE)) {
		window->state = WINDOW_FILLED;
		__builtin_memcpy(out, window->bytes + (address - start), sizeof(*out));
		return true;
	}
	// Copied stacks begin and end anywhere.
	window->state = WINDOW_FAILED;
	return memory_read_u64(window->memory, address, out);
}
