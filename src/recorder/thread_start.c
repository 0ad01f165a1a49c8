// Sees threads begin and end: pthread_create, thrd_create and a thread-specific key.
#include "recorder/thread_start.h"

#include <pthread.h>
#include <stdatomic.h>
#include <threads.h>

#include "base/pages.h"
#include "recorder/capture.h"
#include "recorder/cpu.h"
#include "recorder/hook.h"
#include "recorder/state.h"
#include "recorder/thread.h"
#include "recorder/thread_origin.h"
#include "recorder/walker.h"

enum { STARTS = 4096 };

// What a new thread is to run, on its way there.
struct thread_start {
	_Atomic bool is_taken;
	void *(*run)(void *argument);
	int (*run_c11)(void *argument);
	void *argument;
	uint32_t creation; // id of the bucket of the caller's stack, 0: none
};

static void end_thread(void *unused)
{
	(void)unused;
	thread_origin_end();
	cpu_thread_end();
}

bool thread_start_init(void)
{
	struct thread_start *starts = atomic_load(&recorder.thread_starts);

	if (starts != NULL)
		return true;
	if (!thread_origin_init())
		return false;
	if (pthread_key_create(&recorder.thread_key, end_thread) != 0)
		return false;
	starts = pages_map(STARTS * sizeof(*starts));
	atomic_store_explicit(&recorder.thread_starts, starts, memory_order_release);
	return starts != NULL;
}

static struct thread_start *claim(void)
{
	struct thread_start *starts =
		atomic_load_explicit(&recorder.thread_starts, memory_order_acquire);

	for (size_t i = 0; starts != NULL && i < STARTS; i++) {
		if (!atomic_exchange_explicit(&starts[i].is_taken, true,
					      memory_order_acquire))
			return &starts[i];
	}
	return NULL;
}

// Copies and gives back what the thread is to run.
static struct thread_start begin_thread(struct thread_start *start)
{
	struct thread_start copy = { .run = start->run,
				     .run_c11 = start->run_c11,
				     .argument = start->argument,
				     .creation = start->creation };

	atomic_store_explicit(&start->is_taken, false, memory_order_release);
	// Any value but NULL makes the key's destructor run.
	pthread_setspecific(recorder.thread_key, &recorder);
	thread_origin_begin(copy.creation);
	cpu_thread_begin();
	return copy;
}

static void *run_thread(void *start)
{
	struct thread_start copy = begin_thread(start);

	return copy.run(copy.argument);
}

static int run_c11_thread(void *start)
{
	struct thread_start copy = begin_thread(start);

	return copy.run_c11(copy.argument);
}

// The id of the bucket, 0 where nothing is recorded.
static uint32_t note_creation(const struct unwind_registers *caller)
{
	struct recording_bucket *bucket;

	if (state_recording() == NULL || thread_state.is_inside)
		return 0;
	bucket = capture_stack(RECORDING_THREADCREATE, 0, caller, 1);
	if (bucket == NULL)
		return 0;
	capture_count(bucket, 0, 1);
	return recording_id(state_recording(), bucket);
}

HOOK int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			void *(*run)(void *), void *argument)
{
	struct unwind_registers caller = walker_caller();
	struct thread_start *start;
	uint32_t creation;
	int result;

	hook_resolve(&recorder.next.pthread_create, "pthread_create");
	creation = note_creation(&caller);
	start = claim();
	if (start == NULL)
		return recorder.next.pthread_create(thread, attributes, run, argument);
	start->run = run;
	start->argument = argument;
	start->creation = creation;
	result = recorder.next.pthread_create(thread, attributes, run_thread, start);
	if (result != 0)
		atomic_store(&start->is_taken, false);
	return result;
}

HOOK int thrd_create(thrd_t *thread, thrd_start_t run, void *argument)
{
	struct unwind_registers caller = walker_caller();
	struct thread_start *start;
	uint32_t creation;
	int result;

	hook_resolve(&recorder.next.thrd_create, "thrd_create");
	creation = note_creation(&caller);
	start = claim();
	if (start == NULL)
		return recorder.next.thrd_create(thread, run, argument);
	start->run_c11 = run;
	start->argument = argument;
	start->creation = creation;
	result = recorder.next.thrd_create(thread, run_c11_thread, start);
	if (result != thrd_success)
		atomic_store(&start->is_taken, false);
	return result;
}
