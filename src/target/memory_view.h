// What the memory of a process is made of: /proc/PID/smaps (proc(5)), summed up by kind
// and by file.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct error;

enum memory_view_kind {
	MEMORY_VIEW_CODE,  // executable mappings of files
	MEMORY_VIEW_FILE,  // other mappings of files: their data, what is mapped to read
	MEMORY_VIEW_HEAP,  // [heap], the allocator's first arena
	MEMORY_VIEW_STACK, // of the main thread, and what other threads' point into
	MEMORY_VIEW_ANONYMOUS, // other arenas, Go's heap, JIT code ...
	MEMORY_VIEW_SHARED,    // shared memory without a file
	MEMORY_VIEW_KERNEL,    // [vdso] and the like
	MEMORY_VIEW_KIND_COUNT,
};

// Bytes. rss: in memory; pss: the same with shared pages divided among those who share
// them; dirty: private and written, what would be free without the process.
struct memory_view_sizes {
	uint64_t mappings, size, rss, pss, dirty, swap;
};

struct memory_view_row {
	enum memory_view_kind kind;
	struct str name; // file, or what the kernel calls it; "" for none
	struct memory_view_sizes sizes;
};

// Rows by falling rss. Zero-initialised is empty.
struct memory_view {
	struct memory_view_row *rows;
	size_t count, capacity;
	struct memory_view_sizes kinds[MEMORY_VIEW_KIND_COUNT], total;
	uint64_t rss_stated; // VmRSS of status: read a moment apart, in the kernel's
			     // batches
	uint64_t rss_peak;   // VmHWM
	struct arena arena;
};

bool memory_view_read(int pid, struct memory_view *out, struct error *err)
	__attribute__((warn_unused_result));
void memory_view_deinit(struct memory_view *view);

// "code", "file", ...
const char *memory_view_kind_name(enum memory_view_kind kind);
