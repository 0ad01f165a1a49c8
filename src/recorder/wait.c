// Times a call, and hands it to the block profile.
#include "recorder/wait.h"

#include <errno.h>
#include <threads.h>

#include "base/clock.h"
#include "recorder/block.h"
#include "recorder/mutex.h"
#include "recorder/mutex_fast.h"
#include "recorder/mutex_hooks.h"
#include "recorder/state.h"
#include "recorder/wait_next.h"

_Atomic uint8_t wait_mode;

static bool is_wanted(void)
{
	return atomic_load(&recorder.block_rate) != 0 ||
	       atomic_load(&recorder.mutex_rate) != 0;
}

void wait_update(void)
{
	enum wait_mode mode;

	wait_next_find();
	if (is_wanted() && !recorder.is_mutex_fast)
		recorder.is_mutex_fast = mutex_fast_is_right();
	mode = is_wanted() ? WAIT_ON : WAIT_OFF;
	mutex_hooks_update(mode);
	atomic_store_explicit(&wait_mode, (uint8_t)mode, memory_order_release);
}

bool wait_look(void)
{
	wait_update();
	return is_wanted();
}

struct wait wait_begin(const void *lock)
{
	struct wait wait = { .start_ns = (uint64_t)clock_now_ns() };

	if (lock != NULL)
		wait.place = mutex_enter(lock, wait.start_ns);
	return wait;
}

int wait_errno_of(int thrd_result)
{
	switch (thrd_result) {
	case thrd_success:
		return 0;
	case thrd_timedout:
		return ETIMEDOUT;
	default:
		return EINVAL;
	}
}

static bool has_waited(int result)
{
	return result == 0 || result == ETIMEDOUT || result == EINTR ||
	       result == EOWNERDEAD;
}

void wait_end(const struct wait *wait, int result, const struct unwind_registers *caller)
{
	uint64_t waited_ns = (uint64_t)clock_now_ns() - wait->start_ns;
	int errnum = errno;

	if (wait->place != 0)
		mutex_leave(wait->place);
	if (has_waited(result))
		block_note(waited_ns, caller);
	errno = errnum;
}

void wait_cancelled(void *wait_left)
{
	const struct wait_left *left = wait_left;

	wait_end(left->wait, 0, left->caller);
}
