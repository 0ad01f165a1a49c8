// Locks for many readers or one writer; as mutex_hooks.c does it.
#include "recorder/hook.h"

#include <errno.h>

#include "recorder/mutex.h"
#include "recorder/state.h"
#include "recorder/wait.h"

#define SLOW static __attribute__((noinline))

SLOW int rdlock_taken(pthread_rwlock_t *lock)
{
	struct unwind_registers caller = WAIT_AT(pthread_rwlock_rdlock);
	struct wait wait = wait_begin(lock);
	int result = recorder.wait_next.pthread_rwlock_rdlock(lock);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	int result;

	if (!wait_is_on())
		return recorder.wait_next.pthread_rwlock_rdlock(lock);
	result = recorder.wait_next.pthread_rwlock_tryrdlock(lock);
	if (__builtin_expect(result != EBUSY, 1))
		return result;
	return rdlock_taken(lock);
}

SLOW int wrlock_taken(pthread_rwlock_t *lock)
{
	struct unwind_registers caller = WAIT_AT(pthread_rwlock_wrlock);
	struct wait wait = wait_begin(lock);
	int result = recorder.wait_next.pthread_rwlock_wrlock(lock);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	int result;

	if (!wait_is_on())
		return recorder.wait_next.pthread_rwlock_wrlock(lock);
	result = recorder.wait_next.pthread_rwlock_trywrlock(lock);
	if (__builtin_expect(result != EBUSY, 1))
		return result;
	return wrlock_taken(lock);
}

// These ask whether the clock and the time make sense before they look at the lock.
static bool is_time(clockid_t clock, const struct timespec *until)
{
	return (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC) &&
	       until->tv_nsec >= 0 && until->tv_nsec < 1000000000;
}

SLOW int timedrdlock_taken(pthread_rwlock_t *lock, const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_rwlock_timedrdlock);
	struct wait wait = wait_begin(lock);
	int result = recorder.wait_next.pthread_rwlock_timedrdlock(lock, until);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *until)
{
	int result;

	if (!wait_is_on() || !is_time(CLOCK_REALTIME, until))
		return recorder.wait_next.pthread_rwlock_timedrdlock(lock, until);
	result = recorder.wait_next.pthread_rwlock_tryrdlock(lock);
	if (result != EBUSY)
		return result;
	return timedrdlock_taken(lock, until);
}

SLOW int timedwrlock_taken(pthread_rwlock_t *lock, const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_rwlock_timedwrlock);
	struct wait wait = wait_begin(lock);
	int result = recorder.wait_next.pthread_rwlock_timedwrlock(lock, until);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *until)
{
	int result;

	if (!wait_is_on() || !is_time(CLOCK_REALTIME, until))
		return recorder.wait_next.pthread_rwlock_timedwrlock(lock, until);
	result = recorder.wait_next.pthread_rwlock_trywrlock(lock);
	if (result != EBUSY)
		return result;
	return timedwrlock_taken(lock, until);
}

SLOW int clockrdlock_taken(pthread_rwlock_t *lock, clockid_t clock,
			   const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_rwlock_clockrdlock);
	struct wait wait = wait_begin(lock);
	int result = recorder.wait_next.pthread_rwlock_clockrdlock(lock, clock, until);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock,
				    const struct timespec *until)
{
	int result;

	if (!wait_is_on() || !is_time(clock, until))
		return recorder.wait_next.pthread_rwlock_clockrdlock(lock, clock, until);
	result = recorder.wait_next.pthread_rwlock_tryrdlock(lock);
	if (result != EBUSY)
		return result;
	return clockrdlock_taken(lock, clock, until);
}

SLOW int clockwrlock_taken(pthread_rwlock_t *lock, clockid_t clock,
			   const struct timespec *until)
{
	struct unwind_registers caller = WAIT_AT(pthread_rwlock_clockwrlock);
	struct wait wait = wait_begin(lock);
	int result = recorder.wait_next.pthread_rwlock_clockwrlock(lock, clock, until);

	wait_end(&wait, result, &caller);
	return result;
}

HOOK int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock,
				    const struct timespec *until)
{
	int result;

	if (!wait_is_on() || !is_time(clock, until))
		return recorder.wait_next.pthread_rwlock_clockwrlock(lock, clock, until);
	result = recorder.wait_next.pthread_rwlock_trywrlock(lock);
	if (result != EBUSY)
		return result;
	return clockwrlock_taken(lock, clock, until);
}

SLOW int unlock_awaited(pthread_rwlock_t *lock)
{
	struct unwind_registers caller = WAIT_AT(pthread_rwlock_unlock);
	uint64_t waited_ns = mutex_charge(lock);
	int result = recorder.wait_next.pthread_rwlock_unlock(lock);

	mutex_note(waited_ns, &caller);
	return result;
}

HOOK int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
	if (mutex_is_awaited(lock))
		return unlock_awaited(lock);
	return recorder.wait_next.pthread_rwlock_unlock(lock);
}
