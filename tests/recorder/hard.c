// What is hard on a guest; the first word says which. Ends with "all well" and status 0.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// There where libgoprof is.
int goprof_write_profile(const char *name, const char *path) __attribute__((weak));

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_t holder;
static _Atomic int is_over, running;

static void fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__((noinline)) static void burn(double seconds)
{
	double end = now() + seconds;

	while (now() < end) {
		void *volatile block = malloc(100);

		free(block);
	}
}

static pthread_t start(void *(*run)(void *), void *argument, size_t stack)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	if (stack != 0)
		pthread_attr_setstacksize(&attributes, stack);
	if (pthread_create(&thread, &attributes, run, argument) != 0)
		fail("pthread_create");
	return thread;
}

static void *burn_a_little(void *unused)
{
	burn(0.2);
	return unused;
}

// Threads with the least stack there is, interrupted while they use the CPU.
static void tiny(void)
{
	pthread_t threads[4];

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 4; i++)
			threads[i] =
				start(burn_a_little, NULL, (size_t)PTHREAD_STACK_MIN);
		for (int i = 0; i < 4; i++)
			pthread_join(threads[i], NULL);
	}
}

__attribute__((noinline)) static void spin_and_hold(void)
{
	pthread_mutex_lock(&held);
	running++;
	while (!is_over)
		;
	pthread_mutex_unlock(&held);
}

static void *run_holder(void *unused)
{
	spin_and_hold();
	return unused;
}

__attribute__((noinline)) static void spin_deaf(void)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	running++;
	while (!is_over)
		;
}

static void *run_deaf(void *unused)
{
	spin_deaf();
	return unused;
}

static void *run_waiter(void *unused)
{
	pthread_mutex_lock(&held);
	pthread_mutex_unlock(&held);
	return unused;
}

static void *run_joiner(void *unused)
{
	pthread_join(holder, NULL);
	return unused;
}

// One spins with a mutex, one spins with all signals blocked, one waits for the mutex and
// one for the end of the first.
static void states(const char *path)
{
	pthread_t others[3];

	holder = start(run_holder, NULL, 0);
	others[0] = start(run_deaf, NULL, 0);
	while (running < 2)
		usleep(1000);
	others[1] = start(run_waiter, NULL, 0);
	others[2] = start(run_joiner, NULL, 0);
	usleep(300000);
	if (goprof_write_profile("threads", path) != 0)
		fail("goprof_write_profile");
	is_over = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(others[i], NULL);
}

static void *wait_for_end(void *unused)
{
	running++;
	while (!is_over)
		sleep(1);
	return unused;
}

static void many(const char *path)
{
	enum { THREADS = 10000 };
	static pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		threads[i] = start(wait_for_end, NULL, 32768);
	while (running < THREADS)
		usleep(10000);
	if (goprof_write_profile("threads", path) != 0)
		fail("goprof_write_profile");
	is_over = 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

#define ALLOW(call)                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

// From here on every call but these few is the end of the process, as in a sandbox.
static void forbid(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(read),
		ALLOW(write),
		ALLOW(futex),
		ALLOW(brk),
		ALLOW(mmap),
		ALLOW(munmap),
		ALLOW(rt_sigreturn),
		ALLOW(rt_sigprocmask),
		ALLOW(newfstatat),
		ALLOW(exit),
		ALLOW(exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		fail("seccomp");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const char *path = argc > 2 ? argv[2] : "/dev/null";

	if (strcmp(what, "tiny") == 0)
		tiny();
	else if (strcmp(what, "states") == 0)
		states(path);
	else if (strcmp(what, "many") == 0)
		many(path);
	else if (strcmp(what, "seccomp") == 0)
		forbid();
	else
		return 2;
	burn(what[0] == 's' && what[1] == 'e' ? 1 : 0);
	puts("all well");
	fflush(stdout);
	if (strcmp(what, "seccomp") == 0)
		syscall(SYS_exit_group, 0);
	return 0;
}
