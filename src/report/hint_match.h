// Which topic a frame belongs to, decided once for each function of a profile.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "report/hint_sets.h"

struct profile;

// One function on a stack; PROFILE_NONE where its address has no name.
struct hint_frame {
	uint32_t function;
	bool is_kernel;
};

// A stack, root first, inlined functions behind what they are inlined into. Owns its
// frames; zero-initialised is empty, hint_stack_read may be called again and again.
struct hint_stack {
	struct hint_frame *frames;
	size_t count, capacity;
};

void hint_stack_read(struct hint_stack *stack, const struct profile *profile,
		     uint32_t row);
void hint_stack_deinit(struct hint_stack *stack);

// Topics by function row: in user frames and in kernel frames. Owns both tables.
struct hint_match {
	uint8_t *user, *kernel;
};

void hint_match_init(struct hint_match *match, const struct profile *profile,
		     const struct hint_set_list *list);
void hint_match_deinit(struct hint_match *match);

// HINT_NO_TOPIC where the function is in none of the sets.
static inline enum hint_topic hint_match_frame(const struct hint_match *match,
					       struct hint_frame frame)
{
	if (frame.function == UINT32_MAX)
		return HINT_NO_TOPIC;
	return frame.is_kernel ? match->kernel[frame.function]
			       : match->user[frame.function];
}

// The topic of a name, as hint_match_frame finds it.
enum hint_topic hint_match_name(const struct hint_set_list *list, struct str name,
				bool is_kernel);
