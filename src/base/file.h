// Whole files in, and outputs that appear complete or not at all.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;

// The bytes of one input: mapped where the file can be, read where it cannot (pipes,
// /proc). Owned by the view.
struct file_view {
	const uint8_t *bytes;
	size_t size;
	bool is_mapped;
};

bool file_view_open(const char *path, struct file_view *out, struct error *err)
	__attribute__((warn_unused_result));

// Same for a file that a profile names: only what can be mapped, so that neither a
// device without an end nor a pipe without a writer holds us up.
bool file_view_open_mapped(const char *path, struct file_view *out, struct error *err)
	__attribute__((warn_unused_result));

// Same for an open descriptor, which stays open and is borrowed; name is for messages.
bool file_view_from_fd(int fd, const char *name, struct file_view *out, struct error *err)
	__attribute__((warn_unused_result));

void file_view_close(struct file_view *view);

// An output under a temporary name beside its final one. Nothing is seen at `path` until
// file_output_commit renames it there; file_output_discard leaves no trace. "-" is
// stdout, written directly.
struct file_output {
	int fd;
	const char *path; // borrowed
	char *temporary;
};

bool file_output_open(struct file_output *out, const char *path, struct error *err)
	__attribute__((warn_unused_result));
bool file_output_commit(struct file_output *out, struct error *err)
	__attribute__((warn_unused_result));
void file_output_discard(struct file_output *out);

// Opens, writes and commits bytes in one call.
bool file_write(const char *path, struct str bytes, struct error *err)
	__attribute__((warn_unused_result));
