// Reads goprof's own heap dumps; docs/heapdump-format.md has their grammar.
#pragma once

#include <stdbool.h>

struct error;
struct heap;

// Reads heap->file, which starts with DUMP_MAGIC. A dump that ends early gives what it
// holds; heap->quality says so.
bool goprof_dump_read(struct heap *heap, struct error *err)
	__attribute__((warn_unused_result));
