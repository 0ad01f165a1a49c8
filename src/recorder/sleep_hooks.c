// Sleeping, and waiting for files: waits for nobody in the program, which count in the
// block profile only if the setting "blocksleep" says so. Whatever they return, they have
// waited.
#include "recorder/hook.h"

#include "recorder/state.h"
#include "recorder/wait.h"

#define SLOW static __attribute__((noinline))

static bool is_counted(void)
{
	return wait_is_on() && recorder.settings.counts_sleep;
}

SLOW int timed_nanosleep(const struct timespec *time, struct timespec *left)
{
	struct unwind_registers caller = WAIT_AT(nanosleep);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.nanosleep(time, left);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int nanosleep(const struct timespec *time, struct timespec *left)
{
	if (!is_counted())
		return recorder.wait_next.nanosleep(time, left);
	return timed_nanosleep(time, left);
}

SLOW int timed_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
			       struct timespec *left)
{
	struct unwind_registers caller = WAIT_AT(clock_nanosleep);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.clock_nanosleep(clock, flags, time, left);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
			 struct timespec *left)
{
	if (!is_counted())
		return recorder.wait_next.clock_nanosleep(clock, flags, time, left);
	return timed_clock_nanosleep(clock, flags, time, left);
}

SLOW int timed_usleep(useconds_t us)
{
	struct unwind_registers caller = WAIT_AT(usleep);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.usleep(us);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int usleep(useconds_t us)
{
	if (!is_counted())
		return recorder.wait_next.usleep(us);
	return timed_usleep(us);
}

SLOW unsigned timed_sleep(unsigned seconds)
{
	struct unwind_registers caller = WAIT_AT(sleep);
	struct wait wait;
	unsigned result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.sleep(seconds);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK unsigned sleep(unsigned seconds)
{
	if (!is_counted())
		return recorder.wait_next.sleep(seconds);
	return timed_sleep(seconds);
}

SLOW int timed_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	struct unwind_registers caller = WAIT_AT(poll);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.poll(fds, count, timeout);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (!is_counted())
		return recorder.wait_next.poll(fds, count, timeout);
	return timed_poll(fds, count, timeout);
}

SLOW int timed_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		     const sigset_t *mask)
{
	struct unwind_registers caller = WAIT_AT(ppoll);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.ppoll(fds, count, timeout, mask);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	       const sigset_t *mask)
{
	if (!is_counted())
		return recorder.wait_next.ppoll(fds, count, timeout, mask);
	return timed_ppoll(fds, count, timeout, mask);
}

SLOW int timed_select(int count, fd_set *readable, fd_set *writable, fd_set *other,
		      struct timeval *timeout)
{
	struct unwind_registers caller = WAIT_AT(select);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.select(count, readable, writable, other, timeout);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int select(int count, fd_set *readable, fd_set *writable, fd_set *other,
		struct timeval *timeout)
{
	if (!is_counted())
		return recorder.wait_next.select(count, readable, writable, other,
						 timeout);
	return timed_select(count, readable, writable, other, timeout);
}

SLOW int timed_pselect(int count, fd_set *readable, fd_set *writable, fd_set *other,
		       const struct timespec *timeout, const sigset_t *mask)
{
	struct unwind_registers caller = WAIT_AT(pselect);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.pselect(count, readable, writable, other, timeout,
					    mask);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int pselect(int count, fd_set *readable, fd_set *writable, fd_set *other,
		 const struct timespec *timeout, const sigset_t *mask)
{
	if (!is_counted())
		return recorder.wait_next.pselect(count, readable, writable, other,
						  timeout, mask);
	return timed_pselect(count, readable, writable, other, timeout, mask);
}

SLOW int timed_epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
	struct unwind_registers caller = WAIT_AT(epoll_wait);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.epoll_wait(fd, events, count, timeout);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
	if (!is_counted())
		return recorder.wait_next.epoll_wait(fd, events, count, timeout);
	return timed_epoll_wait(fd, events, count, timeout);
}

SLOW int timed_epoll_pwait(int fd, struct epoll_event *events, int count, int timeout,
			   const sigset_t *mask)
{
	struct unwind_registers caller = WAIT_AT(epoll_pwait);
	struct wait wait;
	int result;

	wait = wait_begin(NULL);
	result = recorder.wait_next.epoll_pwait(fd, events, count, timeout, mask);
	wait_end(&wait, 0, &caller);
	return result;
}

HOOK int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout,
		     const sigset_t *mask)
{
	if (!is_counted())
		return recorder.wait_next.epoll_pwait(fd, events, count, timeout, mask);
	return timed_epoll_pwait(fd, events, count, timeout, mask);
}
