// A hash table of words with open addressing within each of its striped runs.
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRIPE_SLOTS = TALLY_SLOTS / TALLY_STRIPES };

static void *allocate(size_t count, size_t size)
{
	void *block = calloc(count, size);

	if (block == NULL) {
		fprintf(stderr, "wordstorm: no memory for %zu words\n", count);
		exit(1);
	}
	return block;
}

void tally_init(struct tally *tally)
{
	tally->slots = allocate(TALLY_SLOTS, sizeof(*tally->slots));
	for (size_t i = 0; i < TALLY_STRIPES; i++)
		pthread_mutex_init(&tally->locks[i], NULL);
}

void tally_deinit(struct tally *tally)
{
	for (size_t i = 0; i < TALLY_STRIPES; i++)
		pthread_mutex_destroy(&tally->locks[i]);
	free(tally->slots);
}

void tally_clear(struct tally *tally)
{
	memset(tally->slots, 0, TALLY_SLOTS * sizeof(*tally->slots));
}

static uint32_t hash_word(const char *word, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)word[i]) * 16777619u;
	return hash ^ hash >> 15;
}

// A full stripe leaves the word uncounted, which would show in the totals of the report.
static void add_to_stripe(struct tally_entry *stripe, uint32_t hash, const char *word,
			  size_t length)
{
	for (size_t probe = 0; probe < STRIPE_SLOTS; probe++) {
		struct tally_entry *entry = &stripe[(hash + probe) % STRIPE_SLOTS];

		if (entry->count == 0) {
			memcpy(entry->word, word, length);
			entry->length = (uint32_t)length;
		}
		if (entry->length == length && memcmp(entry->word, word, length) == 0) {
			entry->count++;
			return;
		}
	}
}

static void add_word(struct tally *tally, const char *word, size_t length)
{
	uint32_t hash = hash_word(word, length);
	uint32_t stripe = hash >> 16 & (TALLY_STRIPES - 1);

	pthread_mutex_lock(&tally->locks[stripe]);
	add_to_stripe(tally->slots + stripe * STRIPE_SLOTS, hash, word, length);
	pthread_mutex_unlock(&tally->locks[stripe]);
}

static inline int is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

size_t tally_count(struct tally *tally, const char *text, size_t size)
{
	size_t words = 0;

	for (size_t i = 0; i < size;) {
		size_t start = i;

		while (i < size && is_letter(text[i]))
			i++;
		if (i == start) {
			i++;
			continue;
		}
		size_t length = i - start;
		add_word(tally, text + start,
			 length < TALLY_WORD_MAX ? length : TALLY_WORD_MAX);
		words++;
	}
	return words;
}

static int by_falling_count(const void *a, const void *b)
{
	const struct tally_entry *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->word, y->word);
}

struct tally_entry *tally_sort(const struct tally *tally, size_t *count)
{
	struct tally_entry *sorted = allocate(TALLY_SLOTS, sizeof(*sorted));

	*count = 0;
	for (size_t i = 0; i < TALLY_SLOTS; i++) {
		if (tally->slots[i].count > 0)
			sorted[(*count)++] = tally->slots[i];
	}
	qsort(sorted, *count, sizeof(*sorted), by_falling_count);
	return sorted;
}
