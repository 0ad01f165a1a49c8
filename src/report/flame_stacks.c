// Sums samples by stack, and stacks by frame.
#include "report/flame_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void *zeroed(size_t count, size_t size)
{
	void *block = calloc(count + 1, size);

	if (block == NULL)
		arena_out_of_memory(count * size);
	return block;
}

static bool is_base(const struct profile *profile, uint32_t set, uint32_t key,
		    uint32_t truth)
{
	struct profile_labels_view view = profile_labels(profile, set);

	for (size_t i = 0; i < view.count; i++) {
		if (view.labels[i].key == key && view.labels[i].string == truth)
			return true;
	}
	return false;
}

// By label list: whether its samples come from the base of a difference, whose values
// are subtracted (merge_base_take). NULL: there is none.
static uint8_t *find_base(const struct profile *profile)
{
	uint32_t key = interner_find(&profile->strings, STR("pprof::base"));
	uint32_t truth = interner_find(&profile->strings, STR("true"));
	uint8_t *sets = zeroed(profile->label_sets.count, 1);
	bool has_any = false;

	for (uint32_t i = 0; key != MAP_NONE && i < profile->label_sets.count; i++) {
		sets[i] = is_base(profile, i, key, truth);
		has_any |= sets[i];
	}
	if (has_any)
		return sets;
	free(sets);
	return NULL;
}

void flame_stacks_add_sample(const struct flame_stacks *stacks, size_t sample,
			     int64_t *sums)
{
	const struct profile *profile = stacks->profile;
	const int64_t *values = profile_values(profile, sample) + stacks->first_column;
	bool has_base = stacks->base_labels != NULL;
	size_t types = has_base ? stacks->type_count / 2 : stacks->type_count;

	for (size_t t = 0; t < types; t++)
		sums[t] = flame_stacks_add(sums[t], values[t]);
	if (!has_base || stacks->base_labels[profile->sample_labels[sample]] == 0)
		return;
	for (size_t t = 0; t < types; t++) {
		if (values[t] > INT64_MIN)
			sums[types + t] = flame_stacks_add(sums[types + t], -values[t]);
	}
}

static void sum_samples(struct flame_stacks *stacks)
{
	const struct profile *profile = stacks->profile;
	size_t columns = stacks->type_count;

	stacks->sums = zeroed(profile->stacks.count * columns, sizeof(*stacks->sums));
	stacks->samples = zeroed(profile->stacks.count, sizeof(*stacks->samples));
	stacks->nodes = zeroed(profile->stacks.count, sizeof(*stacks->nodes));
	for (size_t i = 0; i < profile->sample_count; i++) {
		uint32_t stack = profile->sample_stacks[i];

		flame_stacks_add_sample(stacks, i, stacks->sums + stack * columns);
		stacks->samples[stack]++;
	}
}

// A CPU profile counts samples and nanoseconds: one is a multiple of the other.
static int64_t multiple_of_first(const struct flame_stacks *stacks, size_t type)
{
	int64_t times = 0, product;

	for (uint32_t i = 0; i < stacks->profile->stacks.count; i++) {
		const int64_t *sums = flame_stacks_sums(stacks, i);

		if (times == 0 && sums[0] != 0)
			times = sums[type] / sums[0];
		if (__builtin_mul_overflow(sums[0], times, &product) ||
		    product != sums[type])
			return 0;
	}
	return times;
}

static void weigh(const struct flame_stacks *stacks, struct flame *flame)
{
	size_t types = stacks->type_count;

	flame->weights = zeroed(types, sizeof(*flame->weights));
	flame->times = zeroed(types, sizeof(*flame->times));
	for (size_t i = 0; i < stacks->profile->stacks.count * types; i++)
		flame->weights[i % types] =
			flame_stacks_weigh(flame->weights[i % types], stacks->sums[i]);
	for (size_t t = 1; t < types; t++)
		flame->times[t] = multiple_of_first(stacks, t);
}

void flame_stacks_init(struct flame_stacks *stacks, struct flame *flame,
		       const struct report_options *options, bool has_all_types)
{
	size_t first_column = has_all_types ? 0 : flame->type;
	uint8_t *base = has_all_types ? find_base(flame->profile) : NULL;

	flame->type_count = has_all_types ? flame->profile->type_count : 1;
	flame->type = has_all_types ? flame->type : 0;
	flame->has_base = base != NULL;
	if (flame->has_base)
		flame->type_count *= 2;
	*stacks = (struct flame_stacks){ .profile = flame->profile,
					 .type_count = flame->type_count,
					 .first_column = first_column,
					 .base_labels = base };
	flame_frames_init(&stacks->frames, flame, options);
	sum_samples(stacks);
	weigh(stacks, flame);
}

void flame_stacks_deinit(struct flame_stacks *stacks)
{
	flame_frames_deinit(&stacks->frames);
	free(stacks->sums);
	free(stacks->samples);
	free(stacks->nodes);
	free(stacks->base_labels);
}

static void add_row(int64_t *row, const int64_t *sums, size_t types)
{
	for (size_t t = 0; t < types; t++)
		row[t] = flame_stacks_add(row[t], sums[t]);
}

// `seen` holds, by frame, the last stack that it was met in, plus one.
static void sum_stack(const struct flame_stacks *stacks, struct flame *flame,
		      uint32_t row, uint32_t *seen)
{
	const int64_t *sums = flame_stacks_sums(stacks, row);
	size_t types = stacks->type_count;
	uint32_t frame = FLAME_ROOT, frames = 0, unnamed = 0;

	for (struct flame_cursor cursor = flame_stacks_root(stacks, row); cursor.left > 0;
	     flame_stacks_advance(stacks, &cursor)) {
		frame = flame_frames_row(cursor.entry);
		frames++;
		unnamed += flame->frames[frame].kind == FLAME_UNNAMED;
		if (seen[frame] == row + 1)
			continue;
		seen[frame] = row + 1;
		add_row(flame->cum + frame * types, sums, types);
	}
	if (frame != FLAME_ROOT)
		add_row(flame->flat + frame * types, sums, types);
	flame->frames_seen += (uint64_t)frames * stacks->samples[row];
	flame->unnamed_seen += (uint64_t)unnamed * stacks->samples[row];
}

void flame_stacks_sum_frames(const struct flame_stacks *stacks, struct flame *flame)
{
	size_t count = flame->frame_count, types = stacks->type_count;
	CLEANUP_FREE uint32_t *seen = zeroed(count, sizeof(*seen));

	flame->flat = zeroed(count * types, sizeof(*flame->flat));
	flame->cum = zeroed(count * types, sizeof(*flame->cum));
	for (uint32_t row = 0; row < stacks->profile->stacks.count; row++) {
		if (stacks->samples[row] > 0)
			sum_stack(stacks, flame, row, seen);
	}
}
