// Blocks signals around pthread_create, then unshares descriptors.
#include "recorder/serve_thread.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/hook.h"
#include "recorder/state.h"
#include "recorder/task.h"
#include "recorder/thread.h"

enum { STACK_SIZE = 1 << 20, STANDARD_STREAMS = 3 };

bool serve_thread_start(void *(*run)(void *argument), void *argument)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	pthread_t thread;
	bool is_started, was_inside = thread_state.is_inside;

	hook_resolve(&recorder.next.pthread_create, "pthread_create");
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	// What the thread needs is allocated for us, not by the program.
	thread_state.is_inside = true;
	is_started =
		recorder.next.pthread_create(&thread, &attributes, run, argument) == 0;
	thread_state.is_inside = was_inside;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return is_started;
}

// In one step since Linux 5.9, or one after the other.
static bool part_from_descriptors(void)
{
	enum { CLOSE_UNSHARED = 2, DESCRIPTORS_MAX = 65536 };
	long limit = sysconf(_SC_OPEN_MAX);

	if (syscall(SYS_close_range, 0U, ~0U, CLOSE_UNSHARED) == 0)
		return true;
	if (unshare(CLONE_FILES) != 0)
		return false;
	for (int fd = 0; fd < limit && fd < DESCRIPTORS_MAX; fd++)
		close(fd);
	return true;
}

// What is written to the standard streams must fail, not reach somebody's socket.
static void occupy_streams(void)
{
	for (int i = 0; i < STANDARD_STREAMS; i++) {
		if (open("/", O_PATH | O_CLOEXEC) < 0)
			return;
	}
}

static void note(int tid, int becomes)
{
	for (size_t i = 0; i < STATE_SERVE_THREADS; i++) {
		int expected = tid;

		if (atomic_compare_exchange_strong(&recorder.serve_tids[i], &expected,
						   becomes))
			return;
	}
}

bool serve_thread_enter(void)
{
	thread_state.is_inside = true;
	prctl(PR_SET_NAME, "goprof");
	note(0, (int)syscall(SYS_gettid));
	if (!part_from_descriptors())
		return false;
	occupy_streams();
	return true;
}

void serve_thread_leave(void)
{
	note((int)syscall(SYS_gettid), 0);
}

bool serve_thread_is(int tid)
{
	for (size_t i = 0; i < STATE_SERVE_THREADS; i++) {
		if (atomic_load(&recorder.serve_tids[i]) == tid)
			return true;
	}
	return false;
}

struct others {
	int all;
	bool is_alone;
};

static void look_for_others(struct task_visitor *visitor, int tid)
{
	struct others *others = visitor->context;

	if (others->is_alone && !serve_thread_is(tid) && !task_is_gone(others->all, tid))
		others->is_alone = false;
}

bool serve_thread_is_alone(void)
{
	struct others others = { .all = task_open_all() };
	struct task_visitor visitor = { look_for_others, &others };

	if (others.all < 0)
		return false;
	// Nearly always there is the first thread.
	others.is_alone = task_is_gone(others.all, getpid());
	if (others.is_alone)
		task_list(others.all, &visitor);
	close(others.all);
	return others.is_alone;
}
