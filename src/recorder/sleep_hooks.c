// Sleeping, and waiting for files: waits for nobody in the program, which count in the
// block profile only if the setting "blocksleep" says so. Whatever they return, they have
// waited.
#include "recorder/hook.h"

#include "recorder/state.h"
#include "recorder/wait.h"

static bool is_counted(void)
{
	return wait_is_on() && recorder.settings.counts_sleep;
}

// The hook of one function, and its slow half, which is called last, so that its caller
// is the program.
#define SLEEP_HOOK(type, name, parameters, arguments)                 \
	static __attribute__((noinline)) type timed_##name parameters \
	{                                                             \
		struct unwind_registers caller = WAIT_AT(name);       \
		struct wait wait = wait_begin(NULL);                  \
		type result = recorder.wait_next.name arguments;      \
                                                                      \
		wait_end(&wait, 0, &caller);                          \
		return result;                                        \
	}                                                             \
                                                                      \
	HOOK type name parameters                                     \
	{                                                             \
		if (!is_counted())                                    \
			return recorder.wait_next.name arguments;     \
		return timed_##name arguments;                        \
	}

SLEEP_HOOK(int, nanosleep, (const struct timespec *time, struct timespec *left),
	   (time, left))
SLEEP_HOOK(int, clock_nanosleep,
	   (clockid_t clock, int flags, const struct timespec *time,
	    struct timespec *left),
	   (clock, flags, time, left))
SLEEP_HOOK(int, usleep, (useconds_t us), (us))
SLEEP_HOOK(unsigned, sleep, (unsigned seconds), (seconds))
SLEEP_HOOK(int, poll, (struct pollfd * fds, nfds_t count, int timeout),
	   (fds, count, timeout))
SLEEP_HOOK(int, ppoll,
	   (struct pollfd * fds, nfds_t count, const struct timespec *timeout,
	    const sigset_t *mask),
	   (fds, count, timeout, mask))
SLEEP_HOOK(int, select,
	   (int count, fd_set *readable, fd_set *writable, fd_set *other,
	    struct timeval *timeout),
	   (count, readable, writable, other, timeout))
SLEEP_HOOK(int, pselect,
	   (int count, fd_set *readable, fd_set *writable, fd_set *other,
	    const struct timespec *timeout, const sigset_t *mask),
	   (count, readable, writable, other, timeout, mask))
SLEEP_HOOK(int, epoll_wait, (int fd, struct epoll_event *events, int count, int timeout),
	   (fd, events, count, timeout))
SLEEP_HOOK(int, epoll_pwait,
	   (int fd, struct epoll_event *events, int count, int timeout,
	    const sigset_t *mask),
	   (fd, events, count, timeout, mask))
