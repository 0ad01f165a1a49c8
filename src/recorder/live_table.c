// Shards by key, each an open-addressing table under a spin lock. Keys, which are mostly
// addresses, are kept complemented: a conservative garbage collector must not take them
// for references.
#include "recorder/live_table.h"

#include <sched.h>
#include <stddef.h>

#include "base/pages.h"

enum { SHARDS = 64, CAPACITY_MIN = 256, SPINS = 100 };

struct live_entry {
	uint64_t key; // complemented, 0: free
	uint32_t bucket;
};

struct shard {
	_Alignas(64) atomic_flag lock;
	uint32_t count, capacity;
	struct live_entry *entries;
};

struct live_table {
	struct shard shards[SHARDS];
};

struct live_table *live_table_find(_Atomic(struct live_table *) *place)
{
	struct live_table *table = atomic_load_explicit(place, memory_order_acquire);
	struct live_table *made;

	if (table != NULL)
		return table;
	made = pages_map(sizeof(*made));
	if (made == NULL || atomic_compare_exchange_strong(place, &table, made))
		return made;
	pages_unmap(made, sizeof(*made));
	return table;
}

static uint64_t hash(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15;
	return key ^ key >> 29;
}

static struct shard *lock_shard(struct live_table *table, uint64_t hashed)
{
	struct shard *shard = &table->shards[hashed >> 58];

	for (unsigned spins = 1;
	     atomic_flag_test_and_set_explicit(&shard->lock, memory_order_acquire);
	     spins++) {
		if (spins % SPINS == 0)
			sched_yield();
	}
	return shard;
}

static void unlock(struct shard *shard)
{
	atomic_flag_clear_explicit(&shard->lock, memory_order_release);
}

// The slot of a key, or the free one where it would go.
static struct live_entry *find(const struct shard *shard, uint64_t key, uint64_t hashed)
{
	uint64_t mask = shard->capacity - 1;
	uint64_t i = hashed & mask;

	while (shard->entries[i].key != 0 && shard->entries[i].key != key)
		i = (i + 1) & mask;
	return &shard->entries[i];
}

static bool reserve(struct shard *shard)
{
	struct shard grown = { .capacity = shard->capacity * 2 };

	if (4 * (shard->count + 1) <= 3 * shard->capacity)
		return true;
	if (grown.capacity == 0)
		grown.capacity = CAPACITY_MIN;
	grown.entries = pages_map(grown.capacity * sizeof(*grown.entries));
	if (grown.entries == NULL)
		return false;
	for (uint32_t i = 0; i < shard->capacity; i++) {
		uint64_t key = shard->entries[i].key;

		if (key != 0)
			*find(&grown, key, hash(key)) = shard->entries[i];
	}
	pages_unmap(shard->entries, shard->capacity * sizeof(*shard->entries));
	shard->entries = grown.entries;
	shard->capacity = grown.capacity;
	return true;
}

bool live_table_add(struct live_table *table, uint64_t key, uint32_t bucket)
{
	uint32_t before;

	return live_table_replace(table, key, bucket, &before);
}

bool live_table_replace(struct live_table *table, uint64_t key, uint32_t bucket,
			uint32_t *before)
{
	uint64_t hashed = hash(key = ~key);
	struct shard *shard = lock_shard(table, hashed);
	bool is_added = reserve(shard);

	*before = 0;
	if (is_added) {
		struct live_entry *slot = find(shard, key, hashed);

		*before = slot->bucket;
		shard->count += slot->key == 0;
		*slot = (struct live_entry){ key, bucket };
	}
	unlock(shard);
	return is_added;
}

// Closes the gap, so that every block is found from where it hashes to.
static void remove_at(struct shard *shard, uint64_t gap)
{
	uint64_t mask = shard->capacity - 1;

	for (uint64_t i = (gap + 1) & mask; shard->entries[i].key != 0;
	     i = (i + 1) & mask) {
		uint64_t home = hash(shard->entries[i].key) & mask;

		if (((i - home) & mask) >= ((i - gap) & mask)) {
			shard->entries[gap] = shard->entries[i];
			gap = i;
		}
	}
	shard->entries[gap] = (struct live_entry){ 0 };
	shard->count--;
}

uint32_t live_table_remove(struct live_table *table, uint64_t key)
{
	uint64_t hashed = hash(key = ~key);
	struct shard *shard = lock_shard(table, hashed);
	uint32_t bucket = 0;

	if (shard->capacity > 0) {
		struct live_entry *slot = find(shard, key, hashed);

		if (slot->key != 0) {
			bucket = slot->bucket;
			remove_at(shard, (uint64_t)(slot - shard->entries));
		}
	}
	unlock(shard);
	return bucket;
}

static void sweep_shard(struct shard *shard, bool (*is_gone)(uint64_t key),
			void (*removed)(uint64_t key, uint32_t bucket))
{
	for (uint64_t i = 0; i < shard->capacity; i++) {
		// Another key may come to the place of one that is removed.
		while (shard->entries[i].key != 0 && is_gone(~shard->entries[i].key)) {
			struct live_entry entry = shard->entries[i];

			remove_at(shard, i);
			removed(~entry.key, entry.bucket);
		}
	}
}

void live_table_sweep(struct live_table *table, bool (*is_gone)(uint64_t key),
		      void (*removed)(uint64_t key, uint32_t bucket))
{
	for (uint64_t i = 0; table != NULL && i < SHARDS; i++) {
		struct shard *shard = lock_shard(table, i << 58);

		sweep_shard(shard, is_gone, removed);
		unlock(shard);
	}
}

void live_table_reset(struct live_table *table)
{
	for (size_t i = 0; table != NULL && i < SHARDS; i++) {
		struct shard *shard = &table->shards[i];

		pages_unmap(shard->entries, shard->capacity * sizeof(*shard->entries));
		*shard = (struct shard){ .lock = ATOMIC_FLAG_INIT };
	}
}

void live_table_lock(struct live_table *table)
{
	for (uint64_t i = 0; table != NULL && i < SHARDS; i++)
		lock_shard(table, i << 58);
}

void live_table_unlock(struct live_table *table)
{
	for (size_t i = 0; table != NULL && i < SHARDS; i++)
		unlock(&table->shards[i]);
}

// A cursor is a shard and a slot in it.
bool live_table_next(const struct live_table *table, uint64_t *cursor, uint64_t *key,
		     uint32_t *bucket)
{
	while (table != NULL && *cursor >> 32 < SHARDS) {
		const struct shard *shard = &table->shards[*cursor >> 32];
		uint32_t slot = (uint32_t)*cursor;

		if (slot >= shard->capacity) {
			*cursor = ((*cursor >> 32) + 1) << 32;
			continue;
		}
		++*cursor;
		if (shard->entries[slot].key == 0)
			continue;
		*key = ~shard->entries[slot].key;
		*bucket = shard->entries[slot].bucket;
		return true;
	}
	return false;
}
