// Go's own heap dumps, as runtime/debug.WriteHeapDump writes them: "go1.7 heap dump", in
// use from Go 1.7 to at least 1.27. Source: runtime/heapdump.go of those versions.
#pragma once

#include <stdbool.h>

struct error;
struct heap;

#define GO_DUMP_MAGIC "go1.7 heap dump\n"

// Reads heap->file, which starts with the magic. A dump that ends early gives what it
// holds; heap->quality says so. Only little-endian ones of 64 bits are read.
bool go_dump_read(struct heap *heap, struct error *err)
	__attribute__((warn_unused_result));
