// A hash table by thread id, whose entries are written by the threads themselves.
#include "recorder/thread_origin.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/pages.h"
#include "recorder/state.h"

enum {
	PLACES = 16384,
	// A thread's place is within so many of where its id hashes to.
	NEIGHBOURS = 16,
};

// Thread id in the upper half, bucket in the lower; 0: free.
struct thread_origins {
	_Atomic uint64_t places[PLACES];
};

static struct thread_origins *table(void)
{
	return atomic_load_explicit(&recorder.thread_origins, memory_order_acquire);
}

bool thread_origin_init(void)
{
	if (table() == NULL)
		atomic_store_explicit(&recorder.thread_origins,
				      pages_map(sizeof(struct thread_origins)),
				      memory_order_release);
	return table() != NULL;
}

// The place of a thread, or NULL.
static _Atomic uint64_t *find(uint32_t tid)
{
	uint32_t first = tid * 0x9e3779b1u >> 18;

	for (uint32_t i = 0; table() != NULL && i < NEIGHBOURS; i++) {
		_Atomic uint64_t *place = &table()->places[(first + i) % PLACES];

		if (atomic_load_explicit(place, memory_order_relaxed) >> 32 == tid)
			return place;
	}
	return NULL;
}

void thread_origin_begin(uint32_t bucket)
{
	uint32_t tid = (uint32_t)syscall(SYS_gettid), first = tid * 0x9e3779b1u >> 18;
	uint64_t entry = (uint64_t)tid << 32 | bucket;
	_Atomic uint64_t *mine = find(tid); // left by one that ended unseen

	if (mine != NULL) {
		atomic_store(mine, entry);
		return;
	}
	for (uint32_t i = 0; table() != NULL && i < NEIGHBOURS; i++) {
		uint64_t nobody = 0;

		if (atomic_compare_exchange_strong(&table()->places[(first + i) % PLACES],
						   &nobody, entry))
			return;
	}
}

void thread_origin_end(void)
{
	_Atomic uint64_t *mine = find((uint32_t)syscall(SYS_gettid));

	if (mine != NULL)
		atomic_store(mine, 0);
}

uint32_t thread_origin_of(int tid)
{
	_Atomic uint64_t *place = find((uint32_t)tid);
	uint64_t entry = place == NULL ? 0 : atomic_load(place);

	return entry >> 32 == (uint32_t)tid ? (uint32_t)entry : 0;
}

void thread_origin_reset_child(void)
{
	if (table() != NULL)
		memset(table(), 0, sizeof(struct thread_origins));
}
