// A ring of buffers: threads fill them in any order, the caller empties them in turn.
#include "base/pieces.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/writer.h"

enum { THREADS_MAX = 8, BUFFERS_PER_THREAD = 2, BUFFERS_MAX = 16 };

struct buffer {
	struct writer text;
	bool is_full;
};

struct ring {
	const struct pieces *pieces;
	size_t piece_count, buffer_count;
	size_t next;    // piece to be made
	size_t written; // pieces that were written
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct buffer buffers[BUFFERS_MAX];
};

static size_t first_row(const struct pieces *pieces, size_t piece)
{
	size_t row = piece * pieces->piece_rows;

	return row < pieces->row_count ? row : pieces->row_count;
}

static void print_piece(const struct pieces *pieces, size_t piece, struct writer *w)
{
	pieces->print(pieces->context, first_row(pieces, piece),
		      first_row(pieces, piece + 1), w);
}

// The next piece whose buffer is free, or piece_count. The lock is held.
static size_t take_piece(struct ring *ring)
{
	while (ring->next < ring->piece_count &&
	       ring->next >= ring->written + ring->buffer_count)
		pthread_cond_wait(&ring->changed, &ring->lock);
	return ring->next < ring->piece_count ? ring->next++ : ring->piece_count;
}

static void *fill(void *argument)
{
	struct ring *ring = argument;
	size_t piece;

	pthread_mutex_lock(&ring->lock);
	while ((piece = take_piece(ring)) < ring->piece_count) {
		struct buffer *buffer = &ring->buffers[piece % ring->buffer_count];

		pthread_mutex_unlock(&ring->lock);
		buffer->text.used = 0;
		print_piece(ring->pieces, piece, &buffer->text);
		pthread_mutex_lock(&ring->lock);
		buffer->is_full = true;
		pthread_cond_broadcast(&ring->changed);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

static void empty(struct ring *ring, struct writer *w)
{
	pthread_mutex_lock(&ring->lock);
	while (ring->written < ring->piece_count) {
		struct buffer *buffer =
			&ring->buffers[ring->written % ring->buffer_count];

		while (!buffer->is_full)
			pthread_cond_wait(&ring->changed, &ring->lock);
		pthread_mutex_unlock(&ring->lock);
		writer_str(w, writer_contents(&buffer->text));
		pthread_mutex_lock(&ring->lock);
		buffer->is_full = false;
		ring->written++;
		pthread_cond_broadcast(&ring->changed);
	}
	pthread_mutex_unlock(&ring->lock);
}

static size_t choose_threads(size_t piece_count)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = processors > 0 ? (size_t)processors : 1;

	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	return threads < piece_count ? threads : piece_count;
}

static size_t start_threads(struct ring *ring, pthread_t *threads, size_t wanted)
{
	size_t started = 0;

	while (started < wanted &&
	       pthread_create(&threads[started], NULL, fill, ring) == 0)
		started++;
	return started;
}

void pieces_write(const struct pieces *pieces, struct writer *w)
{
	size_t piece_count =
		(pieces->row_count + pieces->piece_rows - 1) / pieces->piece_rows;
	size_t thread_count = choose_threads(piece_count);
	pthread_t threads[THREADS_MAX];
	struct ring ring = { .pieces = pieces,
			     .piece_count = piece_count,
			     .buffer_count = thread_count * BUFFERS_PER_THREAD,
			     .lock = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER };

	for (size_t i = 0; i < ring.buffer_count; i++)
		ring.buffers[i].text = writer_to_memory();
	thread_count = thread_count < 2 ? 0 : start_threads(&ring, threads, thread_count);
	if (thread_count > 0)
		empty(&ring, w);
	for (size_t piece = 0; thread_count == 0 && piece < piece_count; piece++)
		print_piece(pieces, piece, w);
	for (size_t i = 0; i < thread_count; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < ring.buffer_count; i++)
		writer_deinit(&ring.buffers[i].text);
}
