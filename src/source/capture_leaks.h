// The kind "leaks": goroutines of a Go program that can never run again.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_options;
struct capture_target;
struct capture_text_request;
struct error;
struct profile;

// A live process must be stopped or copied for it, by the user's word.
bool capture_leaks_profile(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes, struct profile **out,
			   struct error *err);
bool capture_leaks_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err);
