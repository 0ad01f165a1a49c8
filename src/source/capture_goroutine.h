// The kind "goroutine": all goroutines of a Go program with their stacks.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_options;
struct capture_target;
struct capture_text_request;
struct error;
struct profile;

bool capture_goroutine_profile(struct capture_target *target,
			       const struct capture_options *options,
			       struct capture_notes *notes, struct profile **out,
			       struct error *err);
bool capture_goroutine_text(struct capture_target *target,
			    const struct capture_options *options,
			    struct capture_notes *notes,
			    const struct capture_text_request *request,
			    struct error *err);
