// What libgoprof in a process writes of it into files of any size, asked for at its
// owner's socket: heap dumps and allocation traces. `path` appears complete or not at
// all.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct capture_target;
struct error;

// The target is of CAPTURE_RECORDED.
bool recorded_dump_take(const struct capture_target *target, bool without_contents,
			const char *path, struct error *err)
	__attribute__((warn_unused_result));

struct recorded_trace_options {
	double seconds; // whole ones, at least 1
	uint64_t size;  // bytes that the process spends on it at most, 0: its default
	bool is_brief;  // frees without stacks
};

// The same of a trace; profile/trace_read.h reads it.
bool recorded_dump_trace(const struct capture_target *target,
			 const struct recorded_trace_options *options, const char *path,
			 struct error *err) __attribute__((warn_unused_result));
