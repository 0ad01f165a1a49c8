// The lines of one source file, found where a profile says it is or below a search path.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "base/str.h"

struct error;

// Owns the bytes of the file; lines are views of them.
struct source_lines {
	struct file_view view;
	struct str *lines;
	size_t count;
};

// A path that is still absolute without trim_path is opened as it is; any other is looked
// for in the folders of source_path (separated by ':', "" is the current folder) and in
// all folders above them.
bool source_lines_open(struct source_lines *source, struct str path,
		       struct str source_path, struct str trim_path, struct error *err)
	__attribute__((warn_unused_result));
void source_lines_close(struct source_lines *source);

// Line numbers start at 1; false beyond the end.
bool source_lines_get(const struct source_lines *source, int64_t number,
		      struct str *line);
