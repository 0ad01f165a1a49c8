// Edit distance by rows, given up as soon as a row exceeds the limit.
#include "spell.h"

#include "tally.h"

static inline size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

size_t spell_distance(const struct tally_entry *a, const struct tally_entry *b,
		      size_t limit)
{
	size_t row[TALLY_WORD_MAX + 1];
	size_t gap =
		a->length > b->length ? a->length - b->length : b->length - a->length;

	if (gap > limit)
		return limit + 1;
	for (size_t j = 0; j <= b->length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a->length; i++) {
		size_t diagonal = row[0], best = row[0] = i;

		for (size_t j = 1; j <= b->length; j++) {
			size_t replace = diagonal + (a->word[i - 1] != b->word[j - 1]);

			diagonal = row[j];
			row[j] = least(replace, row[j] + 1, row[j - 1] + 1);
			best = best < row[j] ? best : row[j];
		}
		if (best > limit)
			return limit + 1;
	}
	return row[b->length];
}

const struct tally_entry *spell_nearest(const struct tally_entry *word,
					const struct tally_entry *words, size_t count,
					size_t limit)
{
	const struct tally_entry *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t distance = spell_distance(word, &words[i], limit);

		if (distance > limit)
			continue;
		nearest = &words[i];
		if (distance == 0)
			break;
		limit = distance - 1;
	}
	return nearest;
}
