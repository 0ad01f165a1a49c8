// Counts words in one hash table that all threads share, under striped locks.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TALLY_SLOTS = 1 << 16, // far more than the distinct words of a corpus
	TALLY_STRIPES =
		64, // a stripe is a run of slots with a lock and a pool of its own
	TALLY_WORD_MAX = 31,
};

struct tally_entry {
	char word[TALLY_WORD_MAX + 1];
	uint32_t length;
	uint32_t count; // 0: the slot is free
};

struct tally {
	pthread_mutex_t locks[TALLY_STRIPES];
	struct tally_entry *slots; // TALLY_SLOTS of them; the tally owns them
};

void tally_init(struct tally *tally);
void tally_deinit(struct tally *tally);
void tally_clear(struct tally *tally);

// Counts each word of the text; gives the number of words. Safe to call from any thread.
size_t tally_count(struct tally *tally, const char *text, size_t size);

// The words from the most to the least frequent, equals in alphabetical order: an array
// of
// `*count` that the caller frees. No other thread may be counting.
struct tally_entry *tally_sort(const struct tally *tally, size_t *count);
