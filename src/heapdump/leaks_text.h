// Writes which blocks are lost, and where they were allocated.
#pragma once

#include <stddef.h>

struct heap;
struct json;
struct leaks;
struct writer;

// At most `most` rows, 0: all; what is reachable is in the totals alone. Rows of sites
// come with their stacks.
void leaks_text(const struct leaks *leaks, const struct heap *heap, size_t most,
		struct writer *w);
void leaks_text_json(const struct leaks *leaks, const struct heap *heap, size_t most,
		     struct json *json);
