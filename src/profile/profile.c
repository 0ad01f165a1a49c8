// Birth and end of a profile.
#include "profile/profile.h"

#include <stdlib.h>

#include "profile/tables.h"

struct profile *profile_create(void)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	size_t offset_capacity = 0;

	if (profile == NULL)
		arena_out_of_memory(sizeof(*profile));
	interner_add(&profile->strings, NULL, STR(""));
	tables_append_labels(&profile->label_sets, NULL, 0);
	profile->stacks.offsets = table_reserve(NULL, &offset_capacity, 1,
						sizeof(*profile->stacks.offsets));
	profile->stacks.offsets[0] = 0;
	profile->stacks.capacity = offset_capacity - 1;
	return profile;
}

void profile_destroy(struct profile *profile)
{
	if (profile == NULL)
		return;
	interner_deinit(&profile->strings);
	free(profile->types);
	free(profile->sample_stacks);
	free(profile->sample_labels);
	free(profile->sample_values);
	free(profile->stacks.locations);
	free(profile->stacks.offsets);
	free(profile->label_sets.labels);
	free(profile->label_sets.offsets);
	free(profile->mappings);
	free(profile->locations);
	free(profile->lines);
	free(profile->functions);
	free(profile->comments);
	free(profile->input);
	arena_deinit(&profile->arena);
	free(profile);
}

uint32_t profile_intern(struct profile *profile, struct str s)
{
	return interner_add(&profile->strings, &profile->arena, s);
}

void profile_add_comment(struct profile *profile, struct str text)
{
	profile->comments =
		table_reserve(profile->comments, &profile->comment_capacity,
			      profile->comment_count + 1, sizeof(*profile->comments));
	profile->comments[profile->comment_count++] = profile_intern(profile, text);
}
