// /proc/PID/maps: which file is mapped where.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;

// Addresses [start, limit) show `file` from `offset` on. The name is "" for anonymous
// memory, "[vdso]" and the like for what the kernel provides.
struct maps_entry {
	uint64_t start, limit, offset;
	uint32_t device_major, device_minor;
	uint64_t inode;
	bool is_readable, is_executable;
	bool is_deleted; // the file has no name any more; `file` is the one it had
	struct str file;
};

// Reads one line (without its end). False for what is not such a line, an empty or
// inverted range included; the name is a view of the line.
bool maps_parse_line(struct str line, struct maps_entry *out);

// Removes the " (deleted)" that the kernel appends to names without a file; tells whether
// it was there.
bool maps_strip_deleted(struct str *file);

// All entries of a process in address order, as views of `text`, which the caller frees.
struct maps {
	struct maps_entry *entries;
	size_t count, capacity;
	void *text;
};

bool maps_read(int pid, struct maps *out, struct error *err)
	__attribute__((warn_unused_result));
void maps_deinit(struct maps *maps);
