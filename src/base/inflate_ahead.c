// What is unusual (several members, sizes that are not as stated) fails here, and is left
// to who inflates in one go.
#include "base/inflate_ahead.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/inflate.h"
#include "base/inflate_blocks.h"
#include "base/pages.h"

enum {
	SIZE_MIN = 1 << 20, // of the file: below, a thread takes longer than it saves
	HEAD_SIZE = 10,
	TAIL_SIZE = 8,
	AHEAD_MAX = 1 << 20,    // plain bytes beyond those that the reader knows
	RELEASE_SIZE = 2 << 20, // of the file, at a time
	FLAG_HAS_MORE = 0x1e,   // extra field, name, comment, sum: behind the head
};

struct inflate_ahead {
	struct inflate_blocks_sink sink;
	struct str blocks; // the file without head, with what is behind the last block
	size_t summed;     // bytes that the check sum is of
	uint32_t crc;
	const char *release_from; // NULL: no pages of a file
	pthread_t thread;
	pthread_mutex_t lock; // of all below
	pthread_cond_t changed;
	size_t made, known;
	bool has_ended, is_whole, is_stopped;
};

static uint32_t u32_at(const char *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static void sum(struct inflate_ahead *ahead, size_t made)
{
	ahead->crc = libdeflate_crc32(ahead->crc, ahead->sink.room + ahead->summed,
				      made - ahead->summed);
	ahead->summed = made;
}

// Of a file, whose pages come back where they are asked for again.
static void release_input(struct inflate_ahead *ahead, const char *to)
{
	const uintptr_t mask = ~(uintptr_t)(RELEASE_SIZE - 1);
	uintptr_t from = ((uintptr_t)ahead->release_from + RELEASE_SIZE - 1) & mask;
	uintptr_t end = (uintptr_t)to & mask;

	if (ahead->release_from == NULL || end <= from)
		return;
	madvise((void *)from, end - from, MADV_DONTNEED);
	ahead->release_from += end - (uintptr_t)ahead->release_from;
}

static bool advance(struct inflate_blocks_sink *sink, size_t made)
{
	struct inflate_ahead *ahead = (struct inflate_ahead *)sink;
	bool goes_on;

	// Before anybody can give the pages back.
	sum(ahead, made);
	release_input(ahead, sink->eaten);
	pthread_mutex_lock(&ahead->lock);
	ahead->made = made;
	pthread_cond_broadcast(&ahead->changed);
	while (ahead->made > ahead->known + AHEAD_MAX && !ahead->is_stopped)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	goes_on = !ahead->is_stopped;
	pthread_mutex_unlock(&ahead->lock);
	return goes_on;
}

static void *run(void *argument)
{
	struct inflate_ahead *ahead = argument;
	size_t eaten, made;
	bool is_whole = inflate_blocks(ahead->blocks, &ahead->sink, &eaten, &made);
	const char *tail = ahead->blocks.p + eaten;

	is_whole = is_whole && ahead->blocks.n - eaten == TAIL_SIZE &&
		   u32_at(tail) == ahead->crc && u32_at(tail + 4) == (uint32_t)made;
	pthread_mutex_lock(&ahead->lock);
	ahead->has_ended = true;
	ahead->is_whole = is_whole;
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

static bool is_worth_it(struct str bytes)
{
	size_t stated;

	if (!inflate_is_gzip(bytes) || bytes.n < SIZE_MIN || bytes.p[2] != 8 ||
	    (bytes.p[3] & FLAG_HAS_MORE) != 0 || sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return false;
	stated = u32_at(bytes.p + bytes.n - 4);
	return stated >= bytes.n / 2 && stated <= inflate_limit(bytes.n);
}

struct inflate_ahead *inflate_ahead_start(struct str bytes,
					  enum inflate_ahead_input input)
{
	struct inflate_ahead *ahead;

	if (!is_worth_it(bytes))
		return NULL;
	ahead = table_zeroed(1, sizeof(*ahead));
	*ahead = (struct inflate_ahead){
		.sink = { .size = u32_at(bytes.p + bytes.n - 4), .advance = advance },
		.blocks = str_after(bytes, HEAD_SIZE),
		.release_from = input == INFLATE_AHEAD_FILE ? bytes.p : NULL,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	ahead->sink.room = pages_map(ahead->sink.size + INFLATE_BLOCKS_SLACK);
	if (ahead->sink.room == NULL) {
		free(ahead);
		return NULL;
	}
	// Only advice: thousands of page faults take longer than filling the pages.
	madvise(ahead->sink.room, ahead->sink.size, MADV_HUGEPAGE);
	if (pthread_create(&ahead->thread, NULL, run, ahead) != 0) {
		pages_unmap(ahead->sink.room, ahead->sink.size + INFLATE_BLOCKS_SLACK);
		free(ahead);
		return NULL;
	}
	return ahead;
}

size_t inflate_ahead_size(const struct inflate_ahead *ahead)
{
	return ahead->sink.size;
}

struct str inflate_ahead_wait(struct inflate_ahead *ahead, size_t known)
{
	struct str plain = { (const char *)ahead->sink.room, 0 };

	pthread_mutex_lock(&ahead->lock);
	ahead->known = known;
	pthread_cond_broadcast(&ahead->changed);
	while (ahead->made <= known && !ahead->has_ended)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	plain.n = ahead->made;
	pthread_mutex_unlock(&ahead->lock);
	return plain;
}

bool inflate_ahead_stop(struct inflate_ahead *ahead)
{
	bool is_whole;

	pthread_mutex_lock(&ahead->lock);
	ahead->is_stopped = true;
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	is_whole = ahead->is_whole;
	pages_unmap(ahead->sink.room, ahead->sink.size + INFLATE_BLOCKS_SLACK);
	free(ahead);
	return is_whole;
}
