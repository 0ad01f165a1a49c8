// Sums over the heap profile, and what the kernel says of the process.
#pragma once

#include <stdbool.h>

struct goprof_memory_stats;

// False where the kernel says nothing; the other figures are there all the same.
bool statistics_read(struct goprof_memory_stats *stats);
