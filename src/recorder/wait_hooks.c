// Conditions, semaphores, barriers. Most of these are cancellation points: a thread that
// is cancelled in one counts its wait on its way out. Compiled without exceptions, for
// which libc cleans up by itself; else it would take a library.
#include "recorder/hook.h"

#include <errno.h>

#include "recorder/mutex.h"
#include "recorder/state.h"
#include "recorder/wait.h"

#define SLOW static __attribute__((noinline))

// To wait for a condition is to unlock its mutex first. What libc waits for the mutex
// afterwards is part of the wait.
static void charge_unlock(const void *mutex, const struct unwind_registers *caller)
{
	if (mutex_is_awaited(mutex))
		mutex_note(mutex_charge(mutex), caller);
}

SLOW int timed_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	struct unwind_registers caller = WAIT_AT(pthread_cond_wait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	charge_unlock(mutex, &caller);
	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.pthread_cond_wait(condition, mutex);
	pthread_cleanup_pop(0);
	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	if (!wait_is_on())
		return recorder.wait_next.pthread_cond_wait(condition, mutex);
	return timed_pthread_cond_wait(condition, mutex);
}

SLOW int timed_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
				      const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_cond_timedwait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	charge_unlock(mutex, &caller);
	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.pthread_cond_timedwait(condition, mutex, until);
	pthread_cleanup_pop(0);
	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
				const struct timespec *until)
{
	if (!wait_is_on())
		return recorder.wait_next.pthread_cond_timedwait(condition, mutex, until);
	return timed_pthread_cond_timedwait(condition, mutex, until);
}

SLOW int timed_pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
				      clockid_t clock, const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_cond_clockwait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	charge_unlock(mutex, &caller);
	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result =
		recorder.wait_next.pthread_cond_clockwait(condition, mutex, clock, until);
	pthread_cleanup_pop(0);
	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
				clockid_t clock, const struct timespec *until)
{
	if (!wait_is_on())
		return recorder.wait_next.pthread_cond_clockwait(condition, mutex, clock,
								 until);
	return timed_pthread_cond_clockwait(condition, mutex, clock, until);
}

SLOW int timed_cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	struct unwind_registers caller = WAIT_AT(cnd_wait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	charge_unlock(mutex, &caller);
	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.cnd_wait(condition, mutex);
	pthread_cleanup_pop(0);
	wait_end(&wait, wait_errno_of(result), &caller);
	return result;
}

HOOK int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	if (!wait_is_on())
		return recorder.wait_next.cnd_wait(condition, mutex);
	return timed_cnd_wait(condition, mutex);
}

SLOW int timed_cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(cnd_timedwait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	charge_unlock(mutex, &caller);
	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.cnd_timedwait(condition, mutex, until);
	pthread_cleanup_pop(0);
	wait_end(&wait, wait_errno_of(result), &caller);
	return result;
}

HOOK int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
	if (!wait_is_on())
		return recorder.wait_next.cnd_timedwait(condition, mutex, until);
	return timed_cnd_timedwait(condition, mutex, until);
}

// Whether the semaphore could be taken at once. The caller is cancelled first if it is to
// be, as sem_wait would do it.
static bool has_taken(sem_t *semaphore)
{
	int errnum = errno;

	pthread_testcancel();
	if (recorder.wait_next.sem_trywait(semaphore) == 0)
		return true;
	errno = errnum;
	return false;
}

SLOW int timed_sem_wait(sem_t *semaphore)
{
	struct unwind_registers caller = WAIT_AT(sem_wait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.sem_wait(semaphore);
	pthread_cleanup_pop(0);
	wait_end(&wait, result == 0 ? 0 : errno, &caller);
	return result;
}

HOOK int sem_wait(sem_t *semaphore)
{
	if (!wait_is_on())
		return recorder.wait_next.sem_wait(semaphore);
	if (has_taken(semaphore))
		return 0;
	return timed_sem_wait(semaphore);
}

// These ask whether the clock and the time make sense before they look at the semaphore.
static bool is_time(clockid_t clock, const struct timespec *until)
{
	return (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC) &&
	       until->tv_nsec >= 0 && until->tv_nsec < 1000000000;
}

SLOW int timed_sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(sem_timedwait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.sem_timedwait(semaphore, until);
	pthread_cleanup_pop(0);
	wait_end(&wait, result == 0 ? 0 : errno, &caller);
	return result;
}

HOOK int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
	if (!wait_is_on() || !is_time(CLOCK_REALTIME, until))
		return recorder.wait_next.sem_timedwait(semaphore, until);
	if (has_taken(semaphore))
		return 0;
	return timed_sem_timedwait(semaphore, until);
}

SLOW int timed_sem_clockwait(sem_t *semaphore, clockid_t clock,
			     const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(sem_clockwait);
	struct wait wait;
	struct wait_left left = { &wait, &caller };
	int result;

	wait = wait_begin(NULL);
	pthread_cleanup_push(wait_cancelled, &left);
	result = recorder.wait_next.sem_clockwait(semaphore, clock, until);
	pthread_cleanup_pop(0);
	wait_end(&wait, result == 0 ? 0 : errno, &caller);
	return result;
}

HOOK int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
	if (!wait_is_on() || !is_time(clock, until))
		return recorder.wait_next.sem_clockwait(semaphore, clock, until);
	if (has_taken(semaphore))
		return 0;
	return timed_sem_clockwait(semaphore, clock, until);
}

// The last one to come, which is told so, waits for nobody.
SLOW int timed_pthread_barrier_wait(pthread_barrier_t *barrier)
{
	struct unwind_registers caller = WAIT_AT(pthread_barrier_wait);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.pthread_barrier_wait(barrier);
	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_barrier_wait(pthread_barrier_t *barrier)
{
	if (!wait_is_on())
		return recorder.wait_next.pthread_barrier_wait(barrier);
	return timed_pthread_barrier_wait(barrier);
}
