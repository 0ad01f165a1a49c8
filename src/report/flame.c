// Merges the stacks of a profile into one tree.
#include "report/flame.h"

#include <stdlib.h>

#include "base/error.h"
#include "profile/profile.h"
#include "report/flame_stacks.h"
#include "report/flame_tree.h"
#include "report/options.h"
#include "report/value.h"

static void drop_stacks(struct flame_stacks *stacks)
{
	if (stacks != NULL)
		flame_stacks_deinit(stacks);
	free(stacks);
}

bool flame_init(struct flame *flame, const struct profile *profile,
		const struct report_options *options, const struct flame_shape *shape,
		struct error *err)
{
	struct flame_stacks *stacks;
	size_t type;

	if (!value_column(profile, options->sample_index, &type, err))
		return false;
	*flame = (struct flame){ .profile = profile, .type = type };
	stacks = table_zeroed(1, sizeof(*stacks));
	flame_stacks_init(stacks, flame, options, shape->has_all_types);
	if (shape->has_sums)
		flame_stacks_sum_frames(stacks, flame);
	flame_tree_build(flame, stacks, shape);
	if (shape->keeps_stacks)
		flame->stacks = stacks;
	else
		drop_stacks(stacks);
	return true;
}

void flame_deinit(struct flame *flame)
{
	free(flame->frames);
	free(flame->nodes);
	free(flame->self);
	free(flame->times);
	free(flame->weights);
	free(flame->flat);
	free(flame->cum);
	drop_stacks(flame->stacks);
	arena_deinit(&flame->arena);
}
