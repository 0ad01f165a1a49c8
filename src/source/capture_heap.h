// The kinds "heap" and "allocs": the memory profile that a Go runtime keeps.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_options;
struct capture_target;
struct capture_text_request;
struct error;
struct profile;

bool capture_heap_profile(struct capture_target *target,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct profile **out,
			  struct error *err);
bool capture_allocs_profile(struct capture_target *target,
			    const struct capture_options *options,
			    struct capture_notes *notes, struct profile **out,
			    struct error *err);
bool capture_heap_text(struct capture_target *target,
		       const struct capture_options *options, struct capture_notes *notes,
		       const struct capture_text_request *request, struct error *err);
