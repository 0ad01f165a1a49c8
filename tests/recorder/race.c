// All that the recorder shares between threads, used by many at once, under the thread or
// the address sanitizer: linked with the recorder's own objects built for it, all hooks
// but those of malloc, in whose place it notes its blocks itself. Argument: seconds. Ends
// with "all well" and status 0.
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "goprof.h"
#include "recorder/heap.h"
#include "recorder/walker.h"

// By design: what unlocks and locks is replaced as a whole, and either will do.
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
	return "race:mutex_hooks_update";
}

// The thread sanitizer does not know of libc's, and would take the same pages, given back
// and had again, for shared ones.
void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	void *moved = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)flags;
	if (moved == MAP_FAILED)
		return moved;
	memcpy(moved, old, old_size < size ? old_size : size);
	munmap(old, old_size);
	return moved;
}

static double deadline;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	printf("failed: %s\n", what);
	exit(1);
}

__attribute__((noinline)) static void *take(size_t size)
{
	void *block = malloc(size);

	if (heap_is_due(size)) {
		struct unwind_registers caller = walker_caller();

		heap_note_block(block, size, &caller, TRACE_MALLOC);
	}
	return block;
}

static void give(void *block)
{
	if (heap_may_know(block))
		heap_take_block(block);
	free(block);
}

// Blocks that others free.
static void *allocate(void *unused)
{
	enum { SLOTS = 64 };
	static void *_Atomic slots[SLOTS];

	for (size_t i = 0; now() < deadline; i++)
		give(atomic_exchange(&slots[i * 7 % SLOTS], take(i % 900 + 1)));
	return unused;
}

static void *label(void *unused)
{
	while (now() < deadline) {
		char text[16];

		snprintf(text, sizeof(text), "%d", rand() % 50);
		if (goprof_label_push("outer", text) != 0 ||
		    goprof_label_push("inner", "value") != 0)
			fail("labels");
		give(take(5000));
		goprof_label_pop();
		goprof_label_pop();
	}
	return unused;
}

static void *count_things(void *unused)
{
	struct goprof_profile *things = goprof_profile_new("race_things");
	char values[20];

	while (now() < deadline) {
		for (int i = 0; i < 20; i++)
			goprof_profile_add(things, &values[i]);
		for (int i = 0; i < 20; i++)
			goprof_profile_remove(things, &values[i]);
	}
	return unused;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;

static void *contend(void *unused)
{
	for (int i = 0; now() < deadline; i++) {
		struct timespec soon;

		clock_gettime(CLOCK_REALTIME, &soon);
		soon.tv_nsec = (soon.tv_nsec + 100000) % 1000000000;
		pthread_mutex_lock(&mutex);
		if (i % 16 == 0)
			pthread_cond_timedwait(&condition, &mutex, &soon);
		pthread_cond_signal(&condition);
		pthread_mutex_unlock(&mutex);
		if (i % 4 == 0)
			pthread_rwlock_wrlock(&rwlock);
		else
			pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
		sem_wait(&semaphore);
		sem_post(&semaphore);
	}
	return unused;
}

static void *end_soon(void *unused)
{
	give(take(100));
	return unused;
}

static void *create(void *unused)
{
	while (now() < deadline) {
		pthread_t threads[4];

		for (int i = 0; i < 4; i++) {
			if (pthread_create(&threads[i], NULL, end_soon, NULL) != 0)
				fail("pthread_create");
		}
		for (int i = 0; i < 4; i++)
			pthread_join(threads[i], NULL);
	}
	return unused;
}

static void *change_rates(void *unused)
{
	for (unsigned i = 0; now() < deadline; i++) {
		struct goprof_memory_stats stats;

		goprof_set_rate("block", i % 3);
		goprof_set_rate("mutex", i % 2);
		goprof_set_rate("heap", i % 4 == 0 ? 0 : 1 << i % 12);
		if (i % 8 == 0)
			goprof_start_cpu_profile(1000);
		if (i % 8 == 7)
			goprof_stop_cpu_profile(NULL);
		goprof_memory_stats(&stats);
		usleep(1000);
	}
	return unused;
}

static void *write_profiles(void *unused)
{
	static const char *const names[] = { "heap",         "allocs",     "block",
					     "mutex",        "profile",    "threads",
					     "threadcreate", "race_things" };
	int fd = memfd_create("profiles", MFD_CLOEXEC);

	for (size_t i = 0; now() < deadline; i++) {
		goprof_write_profile_fd(names[i % 8], fd);
		if (ftruncate(fd, 0) != 0)
			fail("ftruncate");
		usleep(500);
	}
	close(fd);
	return unused;
}

int main(int argc, char **argv)
{
	static void *(*const all[])(void *) = {
		allocate,     allocate,     allocate,       label,         label,
		count_things, contend,      contend,        count_things,  create,
		create,       change_rates, write_profiles, write_profiles
	};
	enum { COUNT = sizeof(all) / sizeof(all[0]) };
	pthread_t threads[COUNT];

	deadline = now() + (argc > 1 ? atof(argv[1]) : 1);
	sem_init(&semaphore, 0, 1);
	goprof_set_rate("heap", 1);
	for (int i = 0; i < COUNT; i++) {
		if (pthread_create(&threads[i], NULL, all[i], NULL) != 0)
			fail("pthread_create");
	}
	for (int i = 0; i < COUNT; i++)
		pthread_join(threads[i], NULL);
	puts("all well");
	return 0;
}
