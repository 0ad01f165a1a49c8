// Waits that go to the kernel by themselves: std::atomic::wait, std::counting_semaphore,
// std::latch, std::future and others that are built on them call syscall(SYS_futex, ...).
#include "recorder/hook.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>

#include "recorder/state.h"
#include "recorder/wait.h"

#define SLOW static __attribute__((noinline))

// The arguments that libc's has, by registers and the stack: a program that gives fewer
// of them leaves the others as they are. unistd.h declares it with "...".
long futex_hooks_syscall(long number, long a, long b, long c, long d, long e,
			 long f) __asm__("syscall");

static bool is_wait(long operation)
{
	switch (operation & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_LOCK_PI:
		return true;
	default:
		return false;
	}
}

// One that finds another value than it was told of returns at once with EAGAIN.
SLOW long timed_futex(long number, long a, long b, long c, long d, long e, long f)
{
	struct unwind_registers caller = WAIT_AT(syscall);
	struct wait wait = wait_begin(NULL);
	long result = recorder.wait_next.syscall(number, a, b, c, d, e, f);

	wait_end(&wait, result >= 0 ? 0 : errno, &caller);
	return result;
}

SLOW long call_futex(long number, long a, long b, long c, long d, long e, long f)
{
	if (is_wait(b) && wait_is_on())
		return timed_futex(number, a, b, c, d, e, f);
	return recorder.wait_next.syscall(number, a, b, c, d, e, f);
}

// A jump: whoever calls vfork or clone by it returns by the program's own frame.
HOOK long futex_hooks_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_futex)
		return call_futex(number, a, b, c, d, e, f);
	return recorder.wait_next.syscall(number, a, b, c, d, e, f);
}
