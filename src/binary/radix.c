// Stable sorting of 64-bit keys with a 32-bit value each, by radix.
#include "binary/radix.h"

#include <stdbool.h>
#include <string.h>

enum { DIGITS = 8, DIGIT_VALUES = 256 };

struct histogram {
	uint32_t counts[DIGITS][DIGIT_VALUES];
};

static unsigned digit(uint64_t key, unsigned index)
{
	return (unsigned)(key >> (8 * index)) & 255;
}

// Counts all digits in one pass; false when the items are in order already.
static bool count_digits(const struct radix_item *items, size_t count,
			 struct histogram *histogram)
{
	bool in_order = true;

	memset(histogram, 0, sizeof(*histogram));
	for (size_t i = 0; i < count; i++) {
		in_order &= i == 0 || items[i - 1].key <= items[i].key;
		for (unsigned d = 0; d < DIGITS; d++)
			histogram->counts[d][digit(items[i].key, d)]++;
	}
	return !in_order;
}

static void scatter(const struct radix_item *from, struct radix_item *to, size_t count,
		    uint32_t counts[DIGIT_VALUES], unsigned index)
{
	uint32_t place = 0;

	for (unsigned v = 0; v < DIGIT_VALUES; v++) {
		uint32_t here = counts[v];

		counts[v] = place;
		place += here;
	}
	for (size_t i = 0; i < count; i++)
		to[counts[digit(from[i].key, index)]++] = from[i];
}

void radix_sort(struct radix_item *items, struct radix_item *spare, size_t count)
{
	struct histogram histogram;
	struct radix_item *from = items, *to = spare;

	if (count < 2 || !count_digits(items, count, &histogram))
		return;
	for (unsigned d = 0; d < DIGITS; d++) {
		struct radix_item *swap = from;

		// A digit that all keys share orders nothing.
		if (histogram.counts[d][digit(from[0].key, d)] == count)
			continue;
		scatter(from, to, count, histogram.counts[d], d);
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, count * sizeof(*items));
}
