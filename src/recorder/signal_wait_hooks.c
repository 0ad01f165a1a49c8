// Waiting for signals in place of handling them: programs that block every signal and
// then wait for any of them must not be handed those of the profiles.
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "recorder/hook.h"
#include "recorder/profile_signal.h"
#include "recorder/state.h"

enum { NS_A_SECOND = 1000000000, KERNEL_SET_SIZE = 8 };

static bool holds_ours(const sigset_t *set)
{
	return recorder.has_signal && sigismember(set, recorder.signal) == 1;
}

// What is left of a timeout that began then; NULL is for ever.
static const struct timespec *left_of(const struct timespec *timeout, int64_t start_ns,
				      struct timespec *left)
{
	int64_t ns;

	if (timeout == NULL)
		return NULL;
	// Longer ones than can be counted so begin anew.
	if (timeout->tv_sec > INT32_MAX)
		return timeout;
	ns = timeout->tv_sec * (int64_t)NS_A_SECOND + timeout->tv_nsec + start_ns -
	     clock_now_ns();
	ns = ns < 0 ? 0 : ns;
	*left = (struct timespec){ ns / NS_A_SECOND, ns % NS_A_SECOND };
	return left;
}

static int wait_for_others(const sigset_t *set, siginfo_t *info,
			   const struct timespec *timeout)
{
	const struct timespec *wanted = timeout;
	int64_t start_ns = clock_now_ns();
	struct timespec left;
	siginfo_t taken;

	for (;;) {
		int number = recorder.next.sigtimedwait(set, &taken, wanted);

		if (number < 0)
			return number;
		if (number != recorder.signal || !profile_signal_is_ours(&taken)) {
			if (info != NULL)
				*info = taken;
			return number;
		}
		wanted = left_of(timeout, start_ns, &left);
	}
}

HOOK int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
		      const struct timespec *restrict timeout)
{
	hook_resolve(&recorder.next.sigtimedwait, "sigtimedwait");
	if (!holds_ours(set))
		return recorder.next.sigtimedwait(set, info, timeout);
	return wait_for_others(set, info, timeout);
}

HOOK int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return sigtimedwait(set, info, NULL);
}

HOOK int sigwait(const sigset_t *restrict set, int *restrict number)
{
	int got;

	do
		got = sigtimedwait(set, NULL, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno;
	*number = got;
	return 0;
}

// Whose a signal is that waits is not to be told: a program that has set nothing for it
// expects none.
HOOK int sigpending(sigset_t *set)
{
	int result = (int)syscall(SYS_rt_sigpending, set, KERNEL_SET_SIZE);

	if (result == 0 && recorder.has_signal &&
	    recorder.program_action.sa_handler == SIG_DFL)
		sigdelset(set, recorder.signal);
	return result;
}

// What is read from the descriptor cannot be picked over.
HOOK int signalfd(int fd, const sigset_t *set, int flags)
{
	sigset_t others = *set;

	if (holds_ours(set))
		sigdelset(&others, recorder.signal);
	return (int)syscall(SYS_signalfd4, fd, &others, KERNEL_SET_SIZE, flags);
}
