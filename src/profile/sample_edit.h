// Drops samples and changes their stacks, many at once.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "profile/profile.h"

// What an edit returns for a stack whose samples are dropped.
#define SAMPLE_EDIT_DROP SIZE_MAX

// Writes what is left of a stack to `out`, which has room for all of it, and returns how
// much that is.
typedef size_t sample_edit_stack(void *context, struct profile_stack_view stack,
				 uint32_t *out);

// Keeps the samples whose stack and whose labels are both marked, by row; NULL marks all.
void sample_edit_keep(struct profile *profile, const uint8_t *stacks,
		      const uint8_t *label_sets);

// Asks once about each distinct stack. Stacks that become equal are folded, samples are
// not.
void sample_edit_stacks(struct profile *profile, sample_edit_stack *edit, void *context);
