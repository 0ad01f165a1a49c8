// The kind "threadcreate": the threads of a Go program and what made them.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_options;
struct capture_target;
struct capture_text_request;
struct error;
struct profile;

bool capture_threadcreate_profile(struct capture_target *target,
				  const struct capture_options *options,
				  struct capture_notes *notes, struct profile **out,
				  struct error *err);

// Debug levels 1 and 2 are the same text, as Go's.
bool capture_threadcreate_text(struct capture_target *target,
			       const struct capture_options *options,
			       struct capture_notes *notes,
			       const struct capture_text_request *request,
			       struct error *err);
