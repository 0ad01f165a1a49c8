// What each distinct stack of a profile weighs: its samples summed up in one pass.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile;

// By row of the stack table. Owned blocks.
struct weights {
	int64_t *values;
	int64_t *divisors; // NULL: values are no means
	uint8_t *is_seen;  // some sample of this stack has a value; their sum may be 0
	size_t count;
};

// Sums the value column `index`; with means also the first column, the divisor.
void weights_init(struct weights *weights, const struct profile *profile, size_t index,
		  bool has_means);
void weights_deinit(struct weights *weights);

// A byte for each label list: whether it marks samples of the base of a comparison (label
// pprof::base=true). NULL: none does. The caller frees it.
uint8_t *weights_base_labels(const struct profile *profile);

// The total that percentages refer to: the sum of absolute values; of the samples of a
// diff base alone where there are any (label pprof::base=true).
int64_t weights_total(const struct profile *profile, size_t index, bool has_means);
