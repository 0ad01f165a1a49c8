// The functions behind our hooks in a program that is linked with -static, where no
// loader could find them: glibc's own other names for them. Not part of the library: a
// member of libgoprof.a, linked where the program asks for it (docs/recorder.md).
#include "recorder/static_next.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Code whose types are of no concern here.
extern char __clock_nanosleep[];
extern char __sleep[];
extern char __poll[];
extern char __ppoll[];
extern char __select[];
extern char __pselect[];
extern char ___pthread_clockjoin_np[];
extern char ___pthread_rwlock_clockrdlock[];
extern char ___pthread_rwlock_clockwrlock[];
extern char ___pthread_rwlock_timedrdlock[];
extern char ___pthread_rwlock_timedwrlock[];
extern char ___pthread_rwlock_tryrdlock[];
extern char ___pthread_rwlock_trywrlock[];
extern char ___pthread_rwlock_unlock[];
extern char ___pthread_timedjoin_np[];
extern char ___sem_clockwait[];
extern char ___sem_timedwait[];
extern char __bsd_signal[];
extern char __cnd_timedwait[];
extern char __cnd_wait[];
extern char __dlclose[];
extern char __libc_calloc[];
extern char __libc_free[];
extern char __libc_malloc[];
extern char __libc_memalign[];
extern char __libc_pvalloc[];
extern char __libc_realloc[];
extern char __libc_valloc[];
extern char __mtx_lock[];
extern char __mtx_timedlock[];
extern char __mtx_trylock[];
extern char __mtx_unlock[];
extern char __new_sem_trywait[];
extern char __new_sem_wait[];
extern char __posix_memalign[];
extern char __pthread_barrier_wait[];
extern char __pthread_cond_clockwait[];
extern char __pthread_cond_timedwait[];
extern char __pthread_cond_wait[];
extern char __pthread_create[];
extern char __pthread_join[];
extern char __pthread_mutex_clocklock[];
extern char __pthread_mutex_lock[];
extern char __pthread_mutex_timedlock[];
extern char __pthread_mutex_trylock[];
extern char __pthread_mutex_unlock[];
extern char __pthread_rwlock_rdlock[];
extern char __pthread_rwlock_wrlock[];
extern char __pthread_tryjoin_np[];
extern char __sigaction[];
extern char __sigtimedwait[];
extern char __thrd_create[];
extern char __thrd_join[];

static __attribute__((noreturn)) void exit_now(int status)
{
	for (;;)
		__asm__ volatile("syscall"
				 :
				 : "a"(SYS_exit_group), "D"(status)
				 : "rcx", "r11", "memory");
}

extern int __nanosleep(const struct timespec *time, struct timespec *left);

// These have no other name.
static int usleep_now(useconds_t us)
{
	struct timespec time = { us / 1000000, us % 1000000 * 1000L };

	return __nanosleep(&time, NULL);
}

static long call(long number, const long arguments[6])
{
	register long fourth __asm__("r10") = arguments[3];
	register long fifth __asm__("r8") = arguments[4];
	register long sixth __asm__("r9") = arguments[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(arguments[0]), "S"(arguments[1]),
			   "d"(arguments[2]), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

static int epoll_pwait_now(int fd, struct epoll_event *events, int count, int timeout_ms,
			   const sigset_t *mask)
{
	enum { SIGNAL_SET_SIZE = 8 };
	const long arguments[] = { fd,         (long)events, count,
				   timeout_ms, (long)mask,   SIGNAL_SET_SIZE };

	return (int)call(SYS_epoll_pwait, arguments);
}

static int epoll_wait_now(int fd, struct epoll_event *events, int count, int timeout_ms)
{
	return epoll_pwait_now(fd, events, count, timeout_ms, NULL);
}

struct row {
	const char *name;
	void *function;
};

// clang-format off
static const struct row rows[] = {
	{ "malloc", __libc_malloc },
	{ "free", __libc_free },
	{ "calloc", __libc_calloc },
	{ "realloc", __libc_realloc },
	{ "memalign", __libc_memalign },
	{ "aligned_alloc", __libc_memalign },
	{ "posix_memalign", __posix_memalign },
	{ "valloc", __libc_valloc },
	{ "pvalloc", __libc_pvalloc },
	{ "pthread_create", __pthread_create },
	{ "thrd_create", __thrd_create },
	{ "sigaction", __sigaction },
	{ "signal", __bsd_signal },
	{ "sigtimedwait", __sigtimedwait },
	{ "dlclose", __dlclose },
	{ "pthread_mutex_lock", __pthread_mutex_lock },
	{ "pthread_mutex_trylock", __pthread_mutex_trylock },
	{ "pthread_mutex_unlock", __pthread_mutex_unlock },
	{ "pthread_mutex_timedlock", __pthread_mutex_timedlock },
	{ "pthread_mutex_clocklock", __pthread_mutex_clocklock },
	{ "mtx_lock", __mtx_lock },
	{ "mtx_trylock", __mtx_trylock },
	{ "mtx_unlock", __mtx_unlock },
	{ "mtx_timedlock", __mtx_timedlock },
	{ "pthread_rwlock_rdlock", __pthread_rwlock_rdlock },
	{ "pthread_rwlock_wrlock", __pthread_rwlock_wrlock },
	{ "pthread_rwlock_tryrdlock", ___pthread_rwlock_tryrdlock },
	{ "pthread_rwlock_trywrlock", ___pthread_rwlock_trywrlock },
	{ "pthread_rwlock_unlock", ___pthread_rwlock_unlock },
	{ "pthread_rwlock_timedrdlock", ___pthread_rwlock_timedrdlock },
	{ "pthread_rwlock_timedwrlock", ___pthread_rwlock_timedwrlock },
	{ "pthread_rwlock_clockrdlock", ___pthread_rwlock_clockrdlock },
	{ "pthread_rwlock_clockwrlock", ___pthread_rwlock_clockwrlock },
	{ "pthread_cond_wait", __pthread_cond_wait },
	{ "pthread_cond_timedwait", __pthread_cond_timedwait },
	{ "pthread_cond_clockwait", __pthread_cond_clockwait },
	{ "cnd_wait", __cnd_wait },
	{ "cnd_timedwait", __cnd_timedwait },
	{ "pthread_barrier_wait", __pthread_barrier_wait },
	{ "pthread_join", __pthread_join },
	{ "pthread_tryjoin_np", __pthread_tryjoin_np },
	{ "pthread_timedjoin_np", ___pthread_timedjoin_np },
	{ "pthread_clockjoin_np", ___pthread_clockjoin_np },
	{ "thrd_join", __thrd_join },
	{ "sem_wait", __new_sem_wait },
	{ "sem_trywait", __new_sem_trywait },
	{ "sem_timedwait", ___sem_timedwait },
	{ "sem_clockwait", ___sem_clockwait },
	{ "nanosleep", (void *)__nanosleep },
	{ "clock_nanosleep", __clock_nanosleep },
	{ "sleep", __sleep },
	{ "poll", __poll },
	{ "ppoll", __ppoll },
	{ "select", __select },
	{ "pselect", __pselect },
	{ "usleep", (void *)usleep_now },
	{ "epoll_wait", (void *)epoll_wait_now },
	{ "epoll_pwait", (void *)epoll_pwait_now },
	{ "_exit", (void *)exit_now },
};
// clang-format on

void *goprof_static(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].function;
	}
	return NULL;
}
