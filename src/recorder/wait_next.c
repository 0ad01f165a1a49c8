// One row for each function: its name, its version, its place.
#include "recorder/wait_next.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "recorder/hook.h"
#include "recorder/state.h"
#include "recorder/static_next.h"

struct row {
	const char *name;
	const char *version; // NULL: whichever is the default
	size_t place;
};

// clang-format off
#define ROW(function) { #function, NULL, offsetof(struct wait_next, function) }
// There are older conditions, which are another type (GLIBC_2.2.5); before glibc 2.36
// dlsym finds those.
#define ROW_2_3_2(function) { #function, "GLIBC_2.3.2", offsetof(struct wait_next, function) }
// clang-format on

static const struct row rows[] = {
	ROW(pthread_mutex_lock),
	ROW(pthread_mutex_trylock),
	ROW(pthread_mutex_unlock),
	ROW(pthread_mutex_timedlock),
	ROW(pthread_mutex_clocklock),
	ROW(mtx_lock),
	ROW(mtx_trylock),
	ROW(mtx_unlock),
	ROW(mtx_timedlock),
	ROW(pthread_rwlock_rdlock),
	ROW(pthread_rwlock_wrlock),
	ROW(pthread_rwlock_tryrdlock),
	ROW(pthread_rwlock_trywrlock),
	ROW(pthread_rwlock_unlock),
	ROW(pthread_rwlock_timedrdlock),
	ROW(pthread_rwlock_timedwrlock),
	ROW(pthread_rwlock_clockrdlock),
	ROW(pthread_rwlock_clockwrlock),
	ROW_2_3_2(pthread_cond_wait),
	ROW_2_3_2(pthread_cond_timedwait),
	ROW(pthread_cond_clockwait),
	ROW(cnd_wait),
	ROW(cnd_timedwait),
	ROW(sem_wait),
	ROW(sem_trywait),
	ROW(sem_timedwait),
	ROW(sem_clockwait),
	ROW(pthread_barrier_wait),
	ROW(pthread_join),
	ROW(pthread_tryjoin_np),
	ROW(pthread_timedjoin_np),
	ROW(pthread_clockjoin_np),
	ROW(thrd_join),
	ROW(nanosleep),
	ROW(clock_nanosleep),
	ROW(usleep),
	ROW(sleep),
	ROW(poll),
	ROW(ppoll),
	ROW(select),
	ROW(pselect),
	ROW(epoll_wait),
	ROW(epoll_pwait),
	ROW(syscall),
};

static void *find(const struct row *row)
{
	void *next = hook_find(row->name), *function = NULL;

	// A sanitizer's has no version, and must not be passed by.
	if (row->version != NULL && next != NULL && hook_is_of_libc(next))
		function = dlvsym(RTLD_NEXT, row->name, row->version);
	return function != NULL ? function : next;
}

void wait_next_find(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void **place =
			(void **)(void *)((char *)&recorder.wait_next + rows[i].place);

		void *function = find(&rows[i]);

		// Without a loader, ours is all there is of syscall.
		if (function != NULL && function != *place)
			__atomic_store_n(place, function, __ATOMIC_RELEASE);
	}
}

int wait_next_first_rwlock_unlock(pthread_rwlock_t *lock)
{
	wait_next_find();
	return recorder.wait_next.pthread_rwlock_unlock(lock);
}

int wait_next_first_mtx_unlock(mtx_t *mutex)
{
	wait_next_find();
	return recorder.wait_next.mtx_unlock(mutex);
}

long wait_next_first_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	register long sixth __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth),
			   "r"(sixth)
			 : "rcx", "r11", "memory");
	if (result >= 0 || result < -4095)
		return result;
	errno = (int)-result;
	return -1;
}
