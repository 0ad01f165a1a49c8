// Edits run over the distinct stacks; the samples follow in one pass.
#include "profile/sample_edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "profile/tables.h"

static void move_sample(struct profile *profile, size_t to, size_t from)
{
	if (to == from)
		return;
	profile->sample_stacks[to] = profile->sample_stacks[from];
	profile->sample_labels[to] = profile->sample_labels[from];
	memcpy(profile->sample_values + to * profile->type_count,
	       profile->sample_values + from * profile->type_count,
	       profile->type_count * sizeof(*profile->sample_values));
}

void sample_edit_keep(struct profile *profile, const uint8_t *stacks,
		      const uint8_t *label_sets)
{
	size_t kept = 0;

	for (size_t i = 0; i < profile->sample_count; i++) {
		if ((stacks == NULL || stacks[profile->sample_stacks[i]] != 0) &&
		    (label_sets == NULL || label_sets[profile->sample_labels[i]] != 0))
			move_sample(profile, kept++, i);
	}
	profile->sample_count = kept;
}

static size_t longest_stack(const struct profile *profile)
{
	size_t longest = 0;

	for (uint32_t i = 0; i < profile->stacks.count; i++) {
		size_t count = profile_stack(profile, i).count;

		longest = count > longest ? count : longest;
	}
	return longest;
}

// Stores the new row of each stack to `rows`, PROFILE_NONE where it is dropped. What is
// left of the stacks is written over what was read: it is never ahead of it.
static void rewrite(struct profile *profile, sample_edit_stack *edit, void *context,
		    uint32_t *rows)
{
	CLEANUP_FREE uint32_t *out = NULL;
	size_t capacity = 0;
	struct fold known = { 0 };
	struct profile_stacks edited = {
		.locations = profile->stacks.locations,
		.location_capacity = profile->stacks.location_capacity,
	};

	out = table_reserve(NULL, &capacity, longest_stack(profile) + 1, sizeof(*out));
	for (uint32_t i = 0; i < profile->stacks.count; i++) {
		size_t count = edit(context, profile_stack(profile, i), out);

		rows[i] = count == SAMPLE_EDIT_DROP
				  ? PROFILE_NONE
				  : tables_fold_stack(&edited, &known,
						      tables_hash_stack(out, count), out,
						      count);
	}
	fold_deinit(&known);
	if (edited.count == 0)
		return;
	free(profile->stacks.offsets);
	profile->stacks = edited;
}

void sample_edit_stacks(struct profile *profile, sample_edit_stack *edit, void *context)
{
	CLEANUP_FREE uint32_t *rows = NULL;
	CLEANUP_FREE uint8_t *kept = NULL;
	size_t capacity = 0, count = profile->stacks.count;

	rows = table_reserve(NULL, &capacity, count + 1, sizeof(*rows));
	kept = table_zeroed(count + 1, 1);
	rewrite(profile, edit, context, rows);
	for (size_t i = 0; i < count; i++)
		kept[i] = rows[i] != PROFILE_NONE;
	sample_edit_keep(profile, kept, NULL);
	for (size_t i = 0; i < profile->sample_count; i++)
		profile->sample_stacks[i] = rows[profile->sample_stacks[i]];
}
