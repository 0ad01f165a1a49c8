// The page of a difference does the same to its boxes when it normalises: model.js.
#include "report/even_base.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "profile/profile.h"
#include "report/weights.h"

// By column: what the base has (it is subtracted, so negative) and what the other has.
static void sum_columns(const struct profile *profile, const uint8_t *is_base,
			double *base, double *other)
{
	for (size_t i = 0; i < profile->sample_count; i++) {
		double *sums = is_base[profile->sample_labels[i]] != 0 ? base : other;

		for (size_t t = 0; t < profile->type_count; t++)
			sums[t] += (double)profile_values(profile, i)[t];
	}
}

static int64_t rounded(double value)
{
	if (!(value > -9.2e18 && value < 9.2e18))
		return value > 0 ? INT64_MAX : INT64_MIN + 1;
	return llround(value);
}

void even_base_apply(struct profile *profile)
{
	CLEANUP_FREE uint8_t *is_base = weights_base_labels(profile);
	size_t columns = profile->type_count;
	CLEANUP_FREE double *base = table_zeroed(columns + 1, sizeof(*base));
	CLEANUP_FREE double *other = table_zeroed(columns + 1, sizeof(*other));

	if (is_base == NULL)
		return;
	sum_columns(profile, is_base, base, other);
	for (size_t i = 0; i < profile->sample_count; i++) {
		int64_t *row = profile->sample_values + i * columns;

		for (size_t t = 0; t < columns; t++) {
			if (is_base[profile->sample_labels[i]] != 0 && base[t] != 0)
				row[t] = rounded((double)row[t] * -other[t] / base[t]);
		}
	}
}
