// Finds the words nearest to a word, by the number of letters to change.
#pragma once

#include <stddef.h>

struct tally_entry;

// How many letters must be inserted, removed or replaced to make b of a; limit + 1 where
// it is more than the limit.
size_t spell_distance(const struct tally_entry *a, const struct tally_entry *b,
		      size_t limit);

// The first of the nearest among `words`, at most `limit` away; NULL where there is none.
const struct tally_entry *spell_nearest(const struct tally_entry *word,
					const struct tally_entry *words, size_t count,
					size_t limit);
