// Tries out on a mutex of our own what libc does.
#include "recorder/mutex_fast.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/hook.h"
#include "recorder/state.h"

static uint32_t own_tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static bool is_taken_by(const pthread_mutex_t *mutex, uint32_t tid)
{
	pthread_mutex_t expected = PTHREAD_MUTEX_INITIALIZER;

	expected.__data.__lock = 1;
	expected.__data.__owner = (int)tid;
	expected.__data.__nusers = 1;
	return memcmp(mutex, &expected, sizeof(expected)) == 0;
}

static bool is_free(const pthread_mutex_t *mutex)
{
	pthread_mutex_t expected = PTHREAD_MUTEX_INITIALIZER;

	return memcmp(mutex, &expected, sizeof(expected)) == 0;
}

static bool does_the_same(void)
{
	const struct wait_next *next = &recorder.wait_next;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	uint32_t tid = own_tid(), known_tid = thread_state.tid;
	bool is_right = next->pthread_mutex_lock(&mutex) == 0 &&
			is_taken_by(&mutex, tid) &&
			next->pthread_mutex_unlock(&mutex) == 0 && is_free(&mutex);

	thread_state.tid = tid;
	is_right = is_right && mutex_fast_take(&mutex) && is_taken_by(&mutex, tid) &&
		   next->pthread_mutex_trylock(&mutex) == EBUSY &&
		   next->pthread_mutex_unlock(&mutex) == 0 && is_free(&mutex);
	thread_state.tid = known_tid;
	return is_right;
}

// Not where a sanitizer stands between.
bool mutex_fast_is_right(void)
{
	void *next = (void *)recorder.wait_next.pthread_mutex_lock;

	return next != NULL && hook_is_of_libc(next) && does_the_same();
}

void mutex_fast_begin_thread(void)
{
	if (thread_state.tid == 0 && recorder.is_mutex_fast)
		thread_state.tid = own_tid();
}
