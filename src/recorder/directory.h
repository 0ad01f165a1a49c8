// Lists a directory without the heap.
#pragma once

#include <stdbool.h>

// Calls `each` with the name of every entry but "." and "..". False when the directory
// cannot be read.
bool directory_list(const char *path, void (*each)(void *context, const char *name),
		    void *context);
