// Core files of native programs without a Go runtime: the stacks of their threads, as the
// kind goroutine.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_options;
struct capture_target;
struct core_memory;
struct error;
struct profile;

// Opens a core file if its program, `binary` or where the core says it was, is there and
// no Go program.
bool capture_core_open(const char *path, const char *binary, struct core_memory **out,
		       struct error *err) __attribute__((warn_unused_result));

// As struct capture_row has it: threads with equal stacks are one sample.
bool capture_core_profile(struct capture_target *target,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct profile **out,
			  struct error *err) __attribute__((warn_unused_result));
