// Heap dumps of live processes and core files, written to a file.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "heapdump/go_take.h"

struct capture_target;
struct error;

// What the user allows to be done to a live process.
enum heap_take_way {
	HEAP_TAKE_NOTHING,  // no dump then
	HEAP_TAKE_STOP,     // it stands still until all is copied
	HEAP_TAKE_SNAPSHOT, // it is made to copy itself, which takes milliseconds
};

struct heap_take_options {
	enum heap_take_way way;
	int64_t stop_limit_ns; // for all threads to stand still; 0: 1 s
	bool without_contents;
};

struct heap_take_result {
	struct go_take_counts counts;
	int64_t pause_ns; // 0 of a core file
};

// A heap that changes while it is read gives a wrong graph, so a live process must be
// stopped or copied: without the user's word for it this fails. `path` appears complete
// or not at all.
bool heap_take(struct capture_target *target, const struct heap_take_options *options,
	       const char *path, struct heap_take_result *out, struct error *err)
	__attribute__((warn_unused_result));
