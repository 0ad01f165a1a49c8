// The kinds "block" and "mutex": where a Go program waits, and makes others wait.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_options;
struct capture_target;
struct capture_text_request;
struct error;
struct profile;

bool capture_block_profile(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes, struct profile **out,
			   struct error *err);
bool capture_block_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err);
bool capture_mutex_profile(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes, struct profile **out,
			   struct error *err);
bool capture_mutex_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err);
