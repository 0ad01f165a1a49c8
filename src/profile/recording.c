// An insert-only hash table that any number of writers share without a lock.
#include "profile/recording.h"

#include <string.h>

static const char magic[8] = "goprofT";
static const char board_magic[8] = "goprofB";

enum { UNIT = 8, BYTES_A_SLOT = 128, PROBES_MAX = 64, HEAD_SIZE = 4096 };

_Static_assert(sizeof(struct recording) <= HEAD_SIZE, "the head has one page");

void recording_init(struct recording *recording, size_t size)
{
	uint64_t slot_count = 1;

	while (slot_count * BYTES_A_SLOT <= size)
		slot_count *= 2;
	recording->version = RECORDING_VERSION;
	recording->size = size;
	recording->slots = HEAD_SIZE;
	recording->slot_count = slot_count;
	recording->buckets = HEAD_SIZE + slot_count * sizeof(uint64_t);
	recording->buckets_end = recording->buckets;
	recording->epoch = 1;
	memcpy(recording->magic, magic, sizeof(magic));
}

bool recording_is_valid(const struct recording *recording, size_t size)
{
	uint64_t slots = recording->slot_count;

	return size >= HEAD_SIZE && memcmp(recording->magic, magic, sizeof(magic)) == 0 &&
	       recording->version == RECORDING_VERSION && recording->size <= size &&
	       recording->slots == HEAD_SIZE && slots != 0 &&
	       (slots & (slots - 1)) == 0 &&
	       slots <= recording->size / sizeof(uint64_t) &&
	       recording->buckets == HEAD_SIZE + slots * sizeof(uint64_t) &&
	       recording->buckets <= recording->size;
}

static _Atomic uint64_t *slots_of(const struct recording *recording)
{
	return (_Atomic uint64_t *)((uintptr_t)recording + recording->slots);
}

// Only the upper half is well mixed.
static uint64_t mix(uint64_t hash, uint64_t word)
{
	return (hash ^ word) * 0x9e3779b97f4a7c15;
}

// Two lanes, so that one multiplication need not wait for the other.
static uint32_t hash_key(const struct recording_key *key)
{
	uint64_t even = key->kind, odd = key->size;
	size_t i = 0;

	for (; i + 1 < key->count; i += 2) {
		even = mix(even, key->words[i]);
		odd = mix(odd, key->words[i + 1]);
	}
	if (i < key->count)
		even = mix(even, key->words[i]);
	even = mix(even, (uint64_t)key->labels << 32 | key->epoch);
	even = mix(even ^ even >> 32, odd ^ odd >> 32 ^ key->is_truncated);
	return (uint32_t)(even >> 32) | 1;
}

// Not by memcmp, which in a program under the thread sanitizer is the sanitizer's: it
// knows nothing of our atomics and would report a race.
static bool has_words(const struct recording_bucket *bucket, const uint64_t *words,
		      size_t count)
{
	uint64_t difference = 0;

	for (size_t i = 0; i < count; i++)
		difference |= bucket->words[i] ^ words[i];
	return difference == 0;
}

static bool is_equal(const struct recording_bucket *bucket,
		     const struct recording_key *key)
{
	return bucket->kind == key->kind && bucket->count == key->count &&
	       bucket->is_truncated == key->is_truncated && bucket->size == key->size &&
	       bucket->labels == key->labels && bucket->epoch == key->epoch &&
	       has_words(bucket, key->words, key->count);
}

static struct recording_bucket *allocate(struct recording *recording, uint32_t hash,
					 const struct recording_key *key)
{
	size_t words_size = key->count * sizeof(*key->words);
	size_t size = sizeof(struct recording_bucket) + words_size;
	uint64_t at = atomic_load_explicit(&recording->buckets_end, memory_order_relaxed);
	struct recording_bucket *bucket;

	// Once it is full the end stays where it is.
	do {
		if (size > recording->size - at)
			return NULL;
	} while (!atomic_compare_exchange_weak_explicit(&recording->buckets_end, &at,
							at + size, memory_order_relaxed,
							memory_order_relaxed));
	bucket = (struct recording_bucket *)((uintptr_t)recording + at);
	bucket->hash = hash;
	bucket->count = (uint16_t)key->count;
	bucket->kind = (uint8_t)key->kind;
	bucket->is_truncated = key->is_truncated;
	bucket->labels = key->labels;
	bucket->epoch = key->epoch;
	bucket->size = key->size;
	if (words_size > 0)
		memcpy(bucket->words, key->words, words_size);
	return bucket;
}

uint32_t recording_id(const struct recording *recording,
		      const struct recording_bucket *bucket)
{
	return (uint32_t)(((uintptr_t)bucket - (uintptr_t)recording) / UNIT);
}

// Makes a bucket that is in the table known to recording_next.
static void enlist(struct recording *recording, struct recording_bucket *bucket)
{
	_Atomic uint32_t *newest = &recording->newest[bucket->kind];
	uint32_t older = atomic_load_explicit(newest, memory_order_relaxed);

	// Release pairs with the acquire of recording_next.
	do {
		atomic_store_explicit(&bucket->older, older, memory_order_relaxed);
	} while (!atomic_compare_exchange_weak_explicit(
		newest, &older, recording_id(recording, bucket), memory_order_release,
		memory_order_relaxed));
}

struct recording_bucket *recording_add(struct recording *recording,
				       const struct recording_key *key)
{
	_Atomic uint64_t *slots = slots_of(recording);
	uint64_t mask = recording->slot_count - 1;
	uint32_t hash = hash_key(key);
	struct recording_bucket *own = NULL;

	for (uint64_t i = 0; i <= mask && i < PROBES_MAX; i++) {
		_Atomic uint64_t *slot = &slots[((hash >> 1) + i) & mask];
		// Acquire pairs with the release of whoever filled the slot: the bucket
		// behind it is complete.
		uint64_t seen = atomic_load_explicit(slot, memory_order_acquire);

		if (seen == 0) {
			if (own == NULL)
				own = allocate(recording, hash, key);
			if (own == NULL)
				return NULL;
			if (atomic_compare_exchange_strong_explicit(
				    slot, &seen,
				    (uint64_t)hash << 32 | recording_id(recording, own),
				    memory_order_release, memory_order_acquire)) {
				enlist(recording, own);
				return own;
			}
		}
		// Also where somebody else was faster: it may be the same key.
		if (seen >> 32 == hash) {
			struct recording_bucket *bucket =
				(struct recording_bucket *)((uintptr_t)recording +
							    (uint32_t)seen *
								    (uint64_t)UNIT);

			if (is_equal(bucket, key))
				return bucket;
		}
	}
	return NULL;
}

uint32_t recording_add_text(struct recording *recording, struct str text)
{
	uint64_t words[RECORDING_WORDS_MAX];
	struct recording_key key = { .kind = RECORDING_TEXT, .words = words };
	const struct recording_bucket *bucket;

	if (text.n > sizeof(words))
		text.n = sizeof(words);
	key.size = text.n;
	key.count = (text.n + UNIT - 1) / UNIT;
	if (key.count > 0)
		words[key.count - 1] = 0;
	memcpy(words, text.p, text.n);
	bucket = recording_add(recording, &key);
	return bucket == NULL ? 0 : recording_id(recording, bucket);
}

const struct recording_bucket *recording_at(const struct recording *recording,
					    uint32_t id, enum recording_kind kind)
{
	uint64_t at = (uint64_t)id * UNIT;
	const struct recording_bucket *bucket =
		(const struct recording_bucket *)((uintptr_t)recording + at);

	if (at < recording->buckets || at > recording->size ||
	    recording->size - at < sizeof(*bucket) || bucket->kind != kind ||
	    bucket->count > RECORDING_WORDS_MAX ||
	    (recording->size - at - sizeof(*bucket)) / UNIT < bucket->count)
		return NULL;
	return bucket;
}

struct str recording_text(const struct recording *recording, uint32_t id)
{
	const struct recording_bucket *bucket =
		recording_at(recording, id, RECORDING_TEXT);

	if (bucket == NULL || bucket->size > (uint64_t)bucket->count * UNIT)
		return STR("");
	return (struct str){ (const char *)bucket->words, bucket->size };
}

const struct recording_bucket *recording_next(const struct recording *recording,
					      enum recording_kind kind, uint64_t *cursor)
{
	// The last bucket given in the lower half, how many there were in the upper one.
	uint32_t steps = (uint32_t)(*cursor >> 32) + 1;
	const struct recording_bucket *bucket =
		recording_at(recording, (uint32_t)*cursor, kind);
	uint32_t id = 0;

	if (*cursor == 0)
		id = atomic_load_explicit(&recording->newest[kind], memory_order_acquire);
	else if (bucket != NULL)
		id = atomic_load_explicit(&bucket->older, memory_order_relaxed);
	if (steps > recording->size / sizeof(*bucket))
		return NULL;
	*cursor = (uint64_t)steps << 32 | id;
	return id == 0 ? NULL : recording_at(recording, id, kind);
}

void recording_board_init(struct recording_board *board, uint32_t count,
			  uint64_t recording_size)
{
	board->version = RECORDING_VERSION;
	board->count = count;
	board->recording_size = recording_size;
	memcpy(board->magic, board_magic, sizeof(board_magic));
}

bool recording_board_is_valid(const struct recording_board *board, uint64_t file_size)
{
	return file_size >= RECORDING_BOARD_SIZE &&
	       memcmp(board->magic, board_magic, sizeof(board_magic)) == 0 &&
	       board->version == RECORDING_VERSION &&
	       board->recording_size >= RECORDING_SIZE_MIN &&
	       board->recording_size % RECORDING_BOARD_SIZE == 0 &&
	       (file_size - RECORDING_BOARD_SIZE) / board->recording_size >= board->count;
}
