// Folds samples to stacks and totals.
#include "report/weights.h"

#include <stdlib.h>

#include "profile/profile.h"
#include "report/number.h"

void weights_init(struct weights *weights, const struct profile *profile, size_t index,
		  bool has_means)
{
	size_t count = profile->stacks.count, width = profile->type_count;

	*weights = (struct weights){ .count = count };
	weights->values = calloc(count + 1, sizeof(*weights->values));
	weights->is_seen = calloc(count + 1, 1);
	if (has_means)
		weights->divisors = calloc(count + 1, sizeof(*weights->divisors));
	if (weights->values == NULL || weights->is_seen == NULL ||
	    (has_means && weights->divisors == NULL))
		arena_out_of_memory(count * sizeof(*weights->values));
	for (size_t i = 0; i < profile->sample_count; i++) {
		const int64_t *row = profile->sample_values + i * width;
		uint32_t stack = profile->sample_stacks[i];
		int64_t divisor = has_means ? row[0] : 0;

		weights->values[stack] = number_add(weights->values[stack], row[index]);
		weights->is_seen[stack] |= row[index] != 0 || divisor != 0;
		if (has_means)
			weights->divisors[stack] =
				number_add(weights->divisors[stack], divisor);
	}
}

void weights_deinit(struct weights *weights)
{
	free(weights->values);
	free(weights->divisors);
	free(weights->is_seen);
	*weights = (struct weights){ 0 };
}

uint8_t *weights_base_labels(const struct profile *profile)
{
	uint32_t key = interner_find(&profile->strings, STR("pprof::base"));
	uint32_t word = interner_find(&profile->strings, STR("true"));
	uint8_t *is_base;

	if (key == MAP_NONE || word == MAP_NONE)
		return NULL;
	is_base = calloc(profile->label_sets.count + 1, 1);
	if (is_base == NULL)
		arena_out_of_memory(profile->label_sets.count);
	for (uint32_t set = 0; set < profile->label_sets.count; set++) {
		struct profile_labels_view view = profile_labels(profile, set);

		for (size_t i = 0; i < view.count; i++)
			is_base[set] |= view.labels[i].key == key &&
					view.labels[i].string == word;
	}
	return is_base;
}

int64_t weights_total(const struct profile *profile, size_t index, bool has_means)
{
	uint8_t *is_base = weights_base_labels(profile);
	int64_t total = 0, divisor = 0, base_total = 0, base_divisor = 0;

	for (size_t i = 0; i < profile->sample_count; i++) {
		const int64_t *row = profile_values(profile, i);
		int64_t value = number_abs(row[index]);

		total = number_add(total, value);
		divisor = number_add(divisor, has_means ? row[0] : 0);
		if (is_base == NULL || is_base[profile->sample_labels[i]] == 0)
			continue;
		base_total = number_add(base_total, value);
		base_divisor = number_add(base_divisor, has_means ? row[0] : 0);
	}
	free(is_base);
	return base_total > 0 ? number_mean(base_total, base_divisor)
			      : number_mean(total, divisor);
}
