// Opens a heap dump of any format that is known.
#pragma once

#include <stdbool.h>

struct error;
struct file_view;
struct heap;

// Maps the file and numbers its objects. A dump that ends early gives what it holds, and
// heap->quality says so.
bool heap_open(const char *path, struct heap *out, struct error *err)
	__attribute__((warn_unused_result));

// The same for bytes in memory, taken over also on failure; the name is for messages.
bool heap_open_view_take(struct file_view view, const char *name, struct heap *out,
			 struct error *err) __attribute__((warn_unused_result));
