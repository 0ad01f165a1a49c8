// Names of system calls that threads wait in, and glibc's words behind a futex.
#include "recorder/task_wait.h"

#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "recorder/state.h"
#include "recorder/task.h"

enum { WORDS = 5 };

struct call {
	int64_t number;
	const char *state;
	bool is_on_file; // the first argument is a descriptor
};

static const struct call calls[] = {
	{ SYS_nanosleep, "sleep", false },
	{ SYS_clock_nanosleep, "sleep", false },
	{ SYS_poll, "poll", false },
	{ SYS_ppoll, "poll", false },
	{ SYS_select, "select", false },
	{ SYS_pselect6, "select", false },
	{ SYS_epoll_wait, "epoll wait", true },
	{ SYS_epoll_pwait, "epoll wait", true },
	{ SYS_epoll_pwait2, "epoll wait", true },
	{ SYS_read, "read", true },
	{ SYS_readv, "read", true },
	{ SYS_pread64, "read", true },
	{ SYS_preadv, "read", true },
	{ SYS_write, "write", true },
	{ SYS_writev, "write", true },
	{ SYS_pwrite64, "write", true },
	{ SYS_fsync, "sync to disk", true },
	{ SYS_fdatasync, "sync to disk", true },
	{ SYS_recvfrom, "receive", true },
	{ SYS_recvmsg, "receive", true },
	{ SYS_recvmmsg, "receive", true },
	{ SYS_sendto, "send", true },
	{ SYS_sendmsg, "send", true },
	{ SYS_accept, "accept", true },
	{ SYS_accept4, "accept", true },
	{ SYS_connect, "connect", true },
	{ SYS_flock, "file lock", true },
	{ SYS_fcntl, "file lock", true },
	{ SYS_wait4, "child wait", false },
	{ SYS_waitid, "child wait", false },
	{ SYS_vfork, "child wait", false },
	{ SYS_pause, "signal wait", false },
	{ SYS_rt_sigsuspend, "signal wait", false },
	{ SYS_rt_sigtimedwait, "signal wait", false },
	{ SYS_semop, "semaphore wait", false },
	{ SYS_semtimedop, "semaphore wait", false },
	{ SYS_msgrcv, "message wait", false },
	{ SYS_io_getevents, "IO wait", false },
	{ SYS_io_uring_enter, "IO wait", true },
	{ -1, "stopped", false },
};

static const struct call *find_call(int64_t number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].number == number)
			return &calls[i];
	}
	return NULL;
}

const char *task_wait_state(const struct task_place *place, enum task_wait wait)
{
	const struct call *call = find_call(place->call);

	if (place->is_running)
		return "running";
	switch (wait) {
	case TASK_MUTEX:
		return "mutex wait";
	case TASK_JOIN:
		return "thread join";
	case TASK_FUTEX:
		return "futex wait";
	case TASK_NO_FUTEX:
		break;
	}
	return call != NULL ? call->state : "system call";
}

bool task_wait_is_on_file(const struct task_place *place)
{
	const struct call *call = find_call(place->call);

	return !place->is_running && call != NULL && call->is_on_file;
}

static bool read_words(uint64_t address, uint32_t words[WORDS])
{
	struct iovec local = { words, WORDS * sizeof(*words) };
	struct iovec from = { (void *)(uintptr_t)address, local.iov_len };

	return syscall(SYS_process_vm_readv, (long)recorder.pid, &local, 1L, &from, 1L,
		       0L) == (long)local.iov_len;
}

// A mutex begins with its futex word: 2 while somebody waits, the owner's id and a bit in
// one that is robust. The others are count, owner, users and kind (glibc,
// sysdeps/x86/nptl/bits/struct_mutex.h).
static bool is_mutex(const uint32_t words[WORDS])
{
	enum { CONTENDED = 2, OWNER = 2, USERS = 3, KIND = 4, KIND_MAX = 0x400 };

	return words[OWNER] != 0 && words[USERS] != 0 && words[KIND] < KIND_MAX &&
	       (words[0] == CONTENDED || words[0] == (words[OWNER] | FUTEX_WAITERS));
}

// Conditions and semaphores wait for bits of their own, in one process and without a
// time: no mutex and no join does. Saves looking at their words.
static bool may_be_owned(const struct task_place *place)
{
	uint64_t operation = place->arguments[1];

	return (operation & FUTEX_CMD_MASK) != FUTEX_WAIT_BITSET ||
	       (operation & FUTEX_PRIVATE_FLAG) == 0 || place->arguments[3] != 0;
}

// pthread_join waits for the word in which the kernel clears the id of a thread that
// ends, as for a futex that processes might share.
static struct task_futex read_wait(const struct task_place *place)
{
	struct task_futex futex = { .wait = TASK_FUTEX };
	uint32_t words[WORDS];

	if (!may_be_owned(place) || !read_words(place->arguments[0], words))
		return futex;
	if (is_mutex(words))
		return (struct task_futex){ TASK_MUTEX, (int)words[2] };
	if ((place->arguments[1] & FUTEX_PRIVATE_FLAG) == 0 && words[0] <= INT32_MAX)
		return (struct task_futex){ TASK_JOIN, (int)words[0] };
	return futex;
}

struct task_futex task_wait_read_futex(const struct task_place *place)
{
	struct task_futex futex = { .wait = TASK_FUTEX };
	uint32_t words[WORDS];

	if (place->is_running || place->call != SYS_futex)
		return (struct task_futex){ 0 };
	switch (place->arguments[1] & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return read_wait(place);
	// Mutexes that inherit priority: the owner is in the futex word itself.
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		if (read_words(place->arguments[0], words))
			futex = (struct task_futex){ TASK_MUTEX,
						     (int)(words[0] & FUTEX_TID_MASK) };
		return futex;
	}
	return futex;
}
