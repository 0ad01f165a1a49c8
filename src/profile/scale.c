// Columns times ratios, with pprof's rounding and its dropping of what becomes nothing.
#include "profile/scale.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "profile/profile.h"

// Go converts what does not fit to the smallest number (on amd64).
static int64_t rounded(double value)
{
	value = round(value);
	return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}

static bool scale_values(int64_t *values, const double *ratios, size_t count)
{
	bool is_kept = false;

	for (size_t i = 0; i < count; i++) {
		if (ratios[i] == 1)
			continue;
		values[i] = rounded((double)values[i] * ratios[i]);
		is_kept |= values[i] != 0;
	}
	return is_kept;
}

static void keep_sample(struct profile *profile, size_t to, size_t from)
{
	size_t count = profile->type_count;

	profile->sample_stacks[to] = profile->sample_stacks[from];
	profile->sample_labels[to] = profile->sample_labels[from];
	for (size_t i = 0; i < count; i++)
		profile->sample_values[to * count + i] =
			profile->sample_values[from * count + i];
}

void scale_columns(struct profile *profile, const double *ratios)
{
	size_t kept = 0, count = profile->type_count;
	bool is_identity = true;

	for (size_t i = 0; i < count; i++)
		is_identity &= ratios[i] == 1;
	if (is_identity)
		return;
	for (size_t i = 0; i < profile->sample_count; i++) {
		if (scale_values(profile->sample_values + i * count, ratios, count))
			keep_sample(profile, kept++, i);
	}
	profile->sample_count = kept;
}

void scale_all(struct profile *profile, double ratio)
{
	CLEANUP_FREE double *ratios =
		table_zeroed(profile->type_count + 1, sizeof(*ratios));

	for (size_t i = 0; i < profile->type_count; i++)
		ratios[i] = ratio;
	scale_columns(profile, ratios);
}

static int64_t column_sum(const struct profile *profile, size_t column)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < profile->sample_count; i++)
		sum += (uint64_t)profile_values(profile, i)[column];
	return (int64_t)sum;
}

void scale_to_base(struct profile *profile, const struct profile *base)
{
	CLEANUP_FREE double *ratios =
		table_zeroed(profile->type_count + 1, sizeof(*ratios));

	for (size_t i = 0; i < profile->type_count; i++) {
		int64_t sum = column_sum(profile, i);

		if (sum != 0)
			ratios[i] = (double)column_sum(base, i) / (double)sum;
	}
	scale_columns(profile, ratios);
}
