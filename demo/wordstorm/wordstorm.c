// wordstorm [SECONDS [PATTERN]]: four threads count, compress and spell-check real text
// until the time is up. Each round gives the same answer, which the last lines print.
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "corpus.h"
#include "spell.h"
#include "squeeze.h"
#include "tally.h"

enum {
	THREADS = 4,
	CHUNK = 32 * 1024,
	CORPUS_MAX = 1 << 20,
	COMMON_WORDS = 400, // what a rare word may be a misspelling of
	EDITS_MAX = 2,
};

// What one round found out; equal in every round.
struct findings {
	_Atomic size_t words, packed, misspelt;
	_Atomic bool damaged; // some chunk did not survive compression
	size_t distinct;
};

struct storm {
	struct corpus corpus;
	struct tally tally;
	struct findings now, first;
	struct tally_entry *sorted; // of this round, shared between its two barriers
	_Atomic size_t next_chunk, next_word;
	pthread_barrier_t barrier;
	double deadline;
	size_t rounds, wrong_rounds;
	bool is_over;
};

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void compress_chunk(struct storm *storm, const char *text, size_t size)
{
	static _Thread_local uint8_t packed[2 * CHUNK], unpacked[2 * CHUNK];
	size_t packed_size = squeeze((const uint8_t *)text, size, packed);
	size_t back = squeeze_undo(packed, packed_size, unpacked, sizeof(unpacked));

	if (back != size || memcmp(unpacked, text, size) != 0)
		atomic_store(&storm->now.damaged, true);
	atomic_fetch_add(&storm->now.packed, packed_size);
}

static void read_chunks(struct storm *storm)
{
	const struct corpus *corpus = &storm->corpus;

	for (;;) {
		size_t at = atomic_fetch_add(&storm->next_chunk, 1) * CHUNK;

		if (at >= corpus->size)
			return;
		size_t from = corpus_boundary(corpus, at);
		size_t to = corpus_boundary(corpus, at + CHUNK);
		size_t words = tally_count(&storm->tally, corpus->text + from, to - from);

		atomic_fetch_add(&storm->now.words, words);
		compress_chunk(storm, corpus->text + from, to - from);
	}
}

// A word seen only once may be a misspelling of a common one.
static void check_spelling(struct storm *storm)
{
	size_t count = storm->now.distinct;
	size_t common = count < COMMON_WORDS ? count : COMMON_WORDS;

	for (;;) {
		size_t i = atomic_fetch_add(&storm->next_word, 1);

		if (i >= count)
			return;
		const struct tally_entry *word = &storm->sorted[i];
		if (word->count == 1 &&
		    spell_nearest(word, storm->sorted, common, EDITS_MAX) != NULL)
			atomic_fetch_add(&storm->now.misspelt, 1);
	}
}

static void print_common_words(const struct storm *storm)
{
	printf("most frequent:");
	for (size_t i = 0; i < 6 && i < storm->now.distinct; i++)
		printf(" %s %u", storm->sorted[i].word, storm->sorted[i].count);
	printf("\n");
}

static void end_round(struct storm *storm)
{
	if (storm->rounds == 0) {
		storm->first = storm->now;
		print_common_words(storm);
	}
	bool same = storm->now.words == storm->first.words &&
		    storm->now.distinct == storm->first.distinct &&
		    storm->now.packed == storm->first.packed &&
		    storm->now.misspelt == storm->first.misspelt;
	if (!same || storm->now.damaged)
		storm->wrong_rounds++;
	storm->rounds++;
	storm->is_over = seconds_now() >= storm->deadline;
	free(storm->sorted);
	storm->sorted = NULL;
	storm->now = (struct findings){ 0 };
	storm->next_chunk = storm->next_word = 0;
	tally_clear(&storm->tally);
}

// Between barriers one thread alone does what is not shared out.
static bool is_chosen(struct storm *storm)
{
	return pthread_barrier_wait(&storm->barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
}

static void *work(void *argument)
{
	struct storm *storm = argument;

	while (!storm->is_over) {
		read_chunks(storm);
		if (is_chosen(storm))
			storm->sorted = tally_sort(&storm->tally, &storm->now.distinct);
		pthread_barrier_wait(&storm->barrier);
		check_spelling(storm);
		if (is_chosen(storm))
			end_round(storm);
		pthread_barrier_wait(&storm->barrier);
	}
	return NULL;
}

static void run_threads(struct storm *storm)
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&storm->barrier, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++) {
		errno = pthread_create(&threads[i], NULL, work, storm);
		if (errno != 0) {
			perror("wordstorm: starting a thread");
			exit(1);
		}
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&storm->barrier);
}

int main(int argc, char **argv)
{
	static struct storm storm;
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 7;
	const char *pattern =
		argc > 2 ? argv[2] : "/usr/share/{common-licenses/*,doc/*/copyright}";

	if (!(seconds > 0) || argc > 3) {
		fprintf(stderr, "usage: wordstorm [SECONDS [PATTERN]]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!corpus_read(&storm.corpus, pattern, CORPUS_MAX))
		corpus_generate(&storm.corpus, 42, CORPUS_MAX);
	printf("text: %zu bytes, %zu files\n", storm.corpus.size, storm.corpus.files);
	storm.deadline = seconds_now() + seconds;
	tally_init(&storm.tally);
	run_threads(&storm);
	printf("%zu words, %zu distinct, %zu perhaps misspelt, packed to %zu bytes\n",
	       storm.first.words, storm.first.distinct, storm.first.misspelt,
	       storm.first.packed);
	printf("%zu rounds, %zu of them wrong\n", storm.rounds, storm.wrong_rounds);
	tally_deinit(&storm.tally);
	corpus_deinit(&storm.corpus);
	return storm.wrong_rounds > 0;
}
