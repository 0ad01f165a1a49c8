// The functions of libc that wait, behind our hooks.
#pragma once

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

// Found together by wait_next_find, before which only those with a wait_next_first
// function may be called. NULL: this libc has none, and then neither has the program.
struct wait_next {
	int (*pthread_mutex_lock)(pthread_mutex_t *mutex);
	int (*pthread_mutex_trylock)(pthread_mutex_t *mutex);
	int (*pthread_mutex_unlock)(pthread_mutex_t *mutex);
	int (*pthread_mutex_timedlock)(pthread_mutex_t *mutex,
				       const struct timespec *until);
	int (*pthread_mutex_clocklock)(pthread_mutex_t *mutex, clockid_t clock,
				       const struct timespec *until);
	int (*mtx_lock)(mtx_t *mutex);
	int (*mtx_trylock)(mtx_t *mutex);
	int (*mtx_unlock)(mtx_t *mutex);
	int (*mtx_timedlock)(mtx_t *mutex, const struct timespec *until);
	int (*pthread_rwlock_rdlock)(pthread_rwlock_t *lock);
	int (*pthread_rwlock_wrlock)(pthread_rwlock_t *lock);
	int (*pthread_rwlock_tryrdlock)(pthread_rwlock_t *lock);
	int (*pthread_rwlock_trywrlock)(pthread_rwlock_t *lock);
	int (*pthread_rwlock_unlock)(pthread_rwlock_t *lock);
	int (*pthread_rwlock_timedrdlock)(pthread_rwlock_t *lock,
					  const struct timespec *until);
	int (*pthread_rwlock_timedwrlock)(pthread_rwlock_t *lock,
					  const struct timespec *until);
	int (*pthread_rwlock_clockrdlock)(pthread_rwlock_t *lock, clockid_t clock,
					  const struct timespec *until);
	int (*pthread_rwlock_clockwrlock)(pthread_rwlock_t *lock, clockid_t clock,
					  const struct timespec *until);
	int (*pthread_cond_wait)(pthread_cond_t *condition, pthread_mutex_t *mutex);
	int (*pthread_cond_timedwait)(pthread_cond_t *condition, pthread_mutex_t *mutex,
				      const struct timespec *until);
	int (*pthread_cond_clockwait)(pthread_cond_t *condition, pthread_mutex_t *mutex,
				      clockid_t clock, const struct timespec *until);
	int (*cnd_wait)(cnd_t *condition, mtx_t *mutex);
	int (*cnd_timedwait)(cnd_t *condition, mtx_t *mutex,
			     const struct timespec *until);
	int (*sem_wait)(sem_t *semaphore);
	int (*sem_trywait)(sem_t *semaphore);
	int (*sem_timedwait)(sem_t *semaphore, const struct timespec *until);
	int (*sem_clockwait)(sem_t *semaphore, clockid_t clock,
			     const struct timespec *until);
	int (*pthread_barrier_wait)(pthread_barrier_t *barrier);
	int (*pthread_join)(pthread_t thread, void **result);
	int (*pthread_tryjoin_np)(pthread_t thread, void **result);
	int (*pthread_timedjoin_np)(pthread_t thread, void **result,
				    const struct timespec *until);
	int (*pthread_clockjoin_np)(pthread_t thread, void **result, clockid_t clock,
				    const struct timespec *until);
	int (*thrd_join)(thrd_t thread, int *result);
	int (*nanosleep)(const struct timespec *time, struct timespec *left);
	int (*clock_nanosleep)(clockid_t clock, int flags, const struct timespec *time,
			       struct timespec *left);
	int (*usleep)(useconds_t us);
	unsigned (*sleep)(unsigned seconds);
	int (*poll)(struct pollfd *fds, nfds_t count, int timeout);
	int (*ppoll)(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		     const sigset_t *mask);
	int (*select)(int count, fd_set *readable, fd_set *writable, fd_set *other,
		      struct timeval *timeout);
	int (*pselect)(int count, fd_set *readable, fd_set *writable, fd_set *other,
		       const struct timespec *timeout, const sigset_t *mask);
	int (*epoll_wait)(int fd, struct epoll_event *events, int count, int timeout);
	int (*epoll_pwait)(int fd, struct epoll_event *events, int count, int timeout,
			   const sigset_t *mask);
	long (*syscall)(long number, long a, long b, long c, long d, long e, long f);
};

// Fills recorder.wait_next. Not async-signal-safe: takes the loader's lock.
void wait_next_find(void);

// What the pointers of unlocking functions are at first, so that their hooks need not
// ask.
int wait_next_first_rwlock_unlock(pthread_rwlock_t *lock);
int wait_next_first_mtx_unlock(mtx_t *mutex);

// The same for syscall, which programs call in signal handlers: goes to the kernel
// itself.
long wait_next_first_syscall(long number, long a, long b, long c, long d, long e, long f);
