// Memory statistics of this process by Go's names: what its allocator and the kernel say.
#pragma once

#include <stdbool.h>

struct goprof_memstats;
struct writer;

// False where the kernel says nothing. Takes the allocator's own locks for a moment, one
// after the other; not for signal handlers.
bool memstats_read_own(struct goprof_memstats *stats);

// "NAME VALUE" a line, with the allocator's name as the line "Allocator NAME" before.
void memstats_write(const struct goprof_memstats *stats, struct writer *w);
