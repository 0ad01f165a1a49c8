// Kinds of profiles from libgoprof inside a process, asked through its owner's socket.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct capture_notes;
struct capture_options;
struct capture_target;
struct capture_text_request;
struct error;
struct profile;

// Whether a process listens there itself, and under what URL ("unix://PATH", in the
// arena). Neither a stale socket nor one of another process counts.
bool capture_recorded_find(int pid, struct arena *arena, struct str *url);

// The CPU profile of so many seconds, of the process itself. False with `err` untouched
// where no libgoprof is in it.
bool capture_recorded_cpu(int pid, double seconds, struct profile **out,
			  struct error *err) __attribute__((warn_unused_result));

// As struct capture_row has them; the kind is that of the target's row.
bool capture_recorded_profile(struct capture_target *target,
			      const struct capture_options *options,
			      struct capture_notes *notes, struct profile **out,
			      struct error *err) __attribute__((warn_unused_result));
bool capture_recorded_text(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes,
			   const struct capture_text_request *request, struct error *err)
	__attribute__((warn_unused_result));
