// Mutexes of POSIX and C11. One that is free is taken by trylock, and nobody knows;
// whatever else trylock says than that it is taken is the answer of lock too. The slow
// halves are functions of their own, called last, so that their caller is the program.
#include "recorder/mutex_hooks.h"

#include <errno.h>
#include <linux/futex.h>

#include "recorder/hook.h"
#include "recorder/mutex.h"
#include "recorder/mutex_fast.h"
#include "recorder/state.h"
#include "recorder/wait.h"

#define SLOW static __attribute__((noinline))

// Robust mutexes are not tried: trylock forgets to release one that is lost for good,
// which then is taken for ever (glibc 2.36, nptl/pthread_mutex_trylock.c,
// ENOTRECOVERABLE). The word of the lock tells, but for who takes it right then.
static bool is_robust(const pthread_mutex_t *mutex)
{
	enum { ROBUST = 16 };

	return (mutex->__data.__kind & ROBUST) != 0;
}

static bool is_free_robust(const pthread_mutex_t *mutex)
{
	return is_robust(mutex) &&
	       (__atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) &
		FUTEX_TID_MASK) == 0;
}

static int try_to_lock(pthread_mutex_t *mutex)
{
	if (is_robust(mutex))
		return EBUSY;
	return recorder.wait_next.pthread_mutex_trylock(mutex);
}

SLOW int lock_taken(pthread_mutex_t *mutex)
{
	struct unwind_registers caller = WAIT_AT(pthread_mutex_lock);
	struct wait wait = wait_begin(mutex);
	int result = recorder.wait_next.pthread_mutex_lock(mutex);

	wait_end(&wait, result, &caller);
	return result;
}

SLOW int lock_watched(pthread_mutex_t *mutex)
{
	int result;

	if (!wait_is_on() || is_free_robust(mutex))
		return recorder.wait_next.pthread_mutex_lock(mutex);
	mutex_fast_begin_thread();
	result = try_to_lock(mutex);
	if (result != EBUSY)
		return result;
	return lock_taken(mutex);
}

static int lock(pthread_mutex_t *mutex)
{
	if (mutex_fast_take(mutex))
		return 0;
	return lock_watched(mutex);
}

HOOK int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return recorder.mutex_calls.lock(mutex);
}

SLOW int timedlock_taken(pthread_mutex_t *mutex, const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_mutex_timedlock);
	struct wait wait = wait_begin(mutex);
	int result = recorder.wait_next.pthread_mutex_timedlock(mutex, until);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
	int result;

	if (!wait_is_on() || is_free_robust(mutex))
		return recorder.wait_next.pthread_mutex_timedlock(mutex, until);
	result = try_to_lock(mutex);
	if (result != EBUSY)
		return result;
	return timedlock_taken(mutex, until);
}

SLOW int clocklock_taken(pthread_mutex_t *mutex, clockid_t clock,
			 const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_mutex_clocklock);
	struct wait wait = wait_begin(mutex);
	int result = recorder.wait_next.pthread_mutex_clocklock(mutex, clock, until);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
				 const struct timespec *until)
{
	int result;

	// A clock that it does not take is an error even where the mutex is free.
	if (!wait_is_on() || is_free_robust(mutex) ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC))
		return recorder.wait_next.pthread_mutex_clocklock(mutex, clock, until);
	result = try_to_lock(mutex);
	if (result != EBUSY)
		return result;
	return clocklock_taken(mutex, clock, until);
}

SLOW int unlock_awaited(pthread_mutex_t *mutex)
{
	struct unwind_registers caller = WAIT_AT(pthread_mutex_unlock);
	uint64_t waited_ns = mutex_charge(mutex);
	int result = recorder.wait_next.pthread_mutex_unlock(mutex);

	mutex_note(waited_ns, &caller);
	return result;
}

static int unlock(pthread_mutex_t *mutex)
{
	if (mutex_is_awaited(mutex))
		return unlock_awaited(mutex);
	return recorder.wait_next.pthread_mutex_unlock(mutex);
}

HOOK int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	return recorder.mutex_calls.unlock(mutex);
}

void mutex_hooks_update(enum wait_mode mode)
{
	bool is_on = mode == WAIT_ON;

	__atomic_store_n(&recorder.mutex_calls.lock,
			 is_on ? lock : recorder.wait_next.pthread_mutex_lock,
			 __ATOMIC_RELEASE);
	__atomic_store_n(&recorder.mutex_calls.unlock,
			 is_on ? unlock : recorder.wait_next.pthread_mutex_unlock,
			 __ATOMIC_RELEASE);
}

int mutex_hooks_first_lock(pthread_mutex_t *mutex)
{
	wait_update();
	return recorder.mutex_calls.lock(mutex);
}

int mutex_hooks_first_unlock(pthread_mutex_t *mutex)
{
	wait_update();
	return recorder.mutex_calls.unlock(mutex);
}

SLOW int mtx_lock_taken(mtx_t *mutex)
{
	struct unwind_registers caller = WAIT_AT(mtx_lock);
	struct wait wait = wait_begin(mutex);
	int result = recorder.wait_next.mtx_lock(mutex);

	wait_end(&wait, wait_errno_of(result), &caller);
	return result;
}

HOOK int mtx_lock(mtx_t *mutex)
{
	int result;

	if (!wait_is_on())
		return recorder.wait_next.mtx_lock(mutex);
	result = recorder.wait_next.mtx_trylock(mutex);
	if (__builtin_expect(result != thrd_busy, 1))
		return result;
	return mtx_lock_taken(mutex);
}

SLOW int mtx_timedlock_taken(mtx_t *mutex, const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(mtx_timedlock);
	struct wait wait = wait_begin(mutex);
	int result = recorder.wait_next.mtx_timedlock(mutex, until);

	wait_end(&wait, wait_errno_of(result), &caller);
	return result;
}

HOOK int mtx_timedlock(mtx_t *mutex, const struct timespec *until)
{
	int result;

	if (!wait_is_on())
		return recorder.wait_next.mtx_timedlock(mutex, until);
	result = recorder.wait_next.mtx_trylock(mutex);
	if (result != thrd_busy)
		return result;
	return mtx_timedlock_taken(mutex, until);
}

SLOW int mtx_unlock_awaited(mtx_t *mutex)
{
	struct unwind_registers caller = WAIT_AT(mtx_unlock);
	uint64_t waited_ns = mutex_charge(mutex);
	int result = recorder.wait_next.mtx_unlock(mutex);

	mutex_note(waited_ns, &caller);
	return result;
}

HOOK int mtx_unlock(mtx_t *mutex)
{
	if (mutex_is_awaited(mutex))
		return mtx_unlock_awaited(mutex);
	return recorder.wait_next.mtx_unlock(mutex);
}
