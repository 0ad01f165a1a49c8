// Waiting for the end of a thread, in which one may be cancelled: see wait_hooks.c. One
// that has ended is joined by tryjoin, and nobody knows.
#include "recorder/hook.h"

#include <errno.h>

#include "recorder/state.h"
#include "recorder/wait.h"

#define SLOW static __attribute__((noinline))

SLOW int timed_pthread_join(pthread_t thread, void **value)
{
	struct unwind_registers caller = WAIT_AT(pthread_join);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.pthread_join(thread, value);
	pthread_cleanup_pop(0);
	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_join(pthread_t thread, void **value)
{
	int result;

	if (!wait_is_on())
		return recorder.wait_next.pthread_join(thread, value);
	result = recorder.wait_next.pthread_tryjoin_np(thread, value);
	if (result != EBUSY)
		return result;
	return timed_pthread_join(thread, value);
}

SLOW int timed_pthread_timedjoin_np(pthread_t thread, void **value,
				    const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_timedjoin_np);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.pthread_timedjoin_np(thread, value, until);
	pthread_cleanup_pop(0);
	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_timedjoin_np(pthread_t thread, void **value,
			      const struct timespec *until)
{
	int result;

	if (!wait_is_on())
		return recorder.wait_next.pthread_timedjoin_np(thread, value, until);
	result = recorder.wait_next.pthread_tryjoin_np(thread, value);
	if (result != EBUSY)
		return result;
	return timed_pthread_timedjoin_np(thread, value, until);
}

SLOW int timed_pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock,
				    const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_clockjoin_np);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.pthread_clockjoin_np(thread, value, clock, until);
	pthread_cleanup_pop(0);
	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock,
			      const struct timespec *until)
{
	int result;

	// A clock that it does not take is an error even where the thread has ended.
	if (!wait_is_on() || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC))
		return recorder.wait_next.pthread_clockjoin_np(thread, value, clock,
							       until);
	result = recorder.wait_next.pthread_tryjoin_np(thread, value);
	if (result != EBUSY)
		return result;
	return timed_pthread_clockjoin_np(thread, value, clock, until);
}

SLOW int timed_thrd_join(thrd_t thread, int *value)
{
	struct unwind_registers caller = WAIT_AT(thrd_join);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.thrd_join(thread, value);
	pthread_cleanup_pop(0);
	wait_end(&wait, result == thrd_success ? 0 : EINVAL, &caller);
	return result;
}

// thrd_t is pthread_t, and what its thread returns is the lower half of a pointer (glibc
// 2.36, nptl/thrd_join.c).
HOOK int thrd_join(thrd_t thread, int *value)
{
	void *wide;

	if (!wait_is_on())
		return recorder.wait_next.thrd_join(thread, value);
	if (recorder.wait_next.pthread_tryjoin_np(thread, &wide) == 0) {
		if (value != NULL)
			*value = (int)(uintptr_t)wide;
		return thrd_success;
	}
	return timed_thrd_join(thread, value);
}
