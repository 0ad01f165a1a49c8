// What programs do with signals and with their stacks; the first word says which. What is
// printed must not depend on who else is in the process.
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "host.h"

static void block_all(sigset_t *all)
{
	sigfillset(all);
	pthread_sigmask(SIG_BLOCK, all, NULL);
}

static void *burn_then_tell(void *main_thread)
{
	burn(0.1);
	pthread_kill(*(pthread_t *)main_thread, SIGUSR1);
	return NULL;
}

// As servers do: all signals blocked in all threads, and one thread waits for any.
static void wait_for_any(void)
{
	pthread_t self = pthread_self(), other;
	struct timespec soon = { 0, 50000000 }, never = { 60, 0 };
	siginfo_t info;
	sigset_t all, pending;
	int number;

	block_all(&all);
	pthread_create(&other, NULL, burn_then_tell, &self);
	burn(0.1);
	number = sigwaitinfo(&all, &info);
	printf("sigwaitinfo: %d, from %d\n", number, info.si_pid == getpid());
	pthread_join(other, NULL);
	burn(0.05);
	sigpending(&pending);
	printf("pending: %d\n", sigismember(&pending, SIGPROF));
	number = sigtimedwait(&all, NULL, &soon);
	printf("sigtimedwait: %d, %s\n", number, strerror(errno));
	burn(0.05);
	raise(SIGUSR2);
	printf("sigwait: %d", sigwait(&all, &number));
	printf(", %d\n", number);
	burn(0.05);
	raise(SIGHUP);
	printf("sigtimedwait: %d\n", sigtimedwait(&all, &info, &never));
}

static void read_from_descriptor(void)
{
	struct signalfd_siginfo info;
	sigset_t all;
	int fd;

	block_all(&all);
	burn(0.05);
	fd = signalfd(-1, &all, SFD_NONBLOCK);
	raise(SIGUSR1);
	raise(SIGWINCH);
	while (read(fd, &info, sizeof(info)) == sizeof(info))
		printf("signalfd: %u\n", info.ssi_signo);
}

static sigjmp_buf back;

static void on_overflow(int number)
{
	burn(0.02);
	siglongjmp(back, number);
}

__attribute__((noinline)) static int dive(int depth)
{
	volatile char room[1000];

	memset((char *)room, depth, sizeof(room));
	return depth < 0 ? 0 : dive(depth + 1) + room[depth % 1000];
}

static void *overflow(void *unused)
{
	stack_t stack = { .ss_size = 65536, .ss_sp = malloc(65536) };
	struct sigaction action = { .sa_handler = on_overflow, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	for (int i = 0; i < 5; i++) {
		int number = sigsetjmp(back, 1);

		if (number == 0)
			dive(0);
		printf("overflow: %d\n", number);
	}
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	free(stack.ss_sp);
	return unused;
}

static void overflow_in_threads(void)
{
	pthread_attr_t small;
	pthread_t thread;

	overflow(NULL);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	pthread_create(&thread, &small, overflow, NULL);
	pthread_join(thread, NULL);
}

static _Atomic int ticks;

static void on_tick(int number)
{
	ticks += number == SIGPROF;
}

// A program that profiles itself, but only for a while.
static void profile_itself(void)
{
	struct itimerval every = { { 0, 10000 }, { 0, 10000 } }, none = { 0 };
	struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART }, old;
	int status;

	burn(0.05);
	sigaction(SIGPROF, &action, &old);
	printf("before: %d\n", old.sa_handler == SIG_DFL);
	setitimer(ITIMER_PROF, &every, NULL);
	burn(0.5);
	setitimer(ITIMER_PROF, &none, NULL);
	printf("ticks: %d\n", ticks >= 10);
	printf("handler: %d\n", signal(SIGPROF, SIG_IGN) == on_tick);
	raise(SIGPROF);
	sigaction(SIGPROF, NULL, &old);
	printf("ignored: %d\n", old.sa_handler == SIG_IGN);
	signal(SIGPROF, SIG_DFL);
	burn(0.05);
	if (fork() == 0) {
		burn(0.05);
		raise(SIGPROF);
		_exit(0);
	}
	wait(&status);
	printf("ended by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

// What handlers are told of the code that they interrupt, and errno across them.
static void *keep_errno(void *unused)
{
	double end = cpu_time() + 0.3;
	int wrong = 0;

	while (cpu_time() < end) {
		errno = 4711;
		for (volatile int i = 0; i < 10000; i++)
			;
		wrong += errno != 4711;
		free(malloc(100000));
		wrong += errno != 4711;
	}
	printf("errno: %d wrong\n", wrong);
	return unused;
}

static ucontext_t outside, inside;

static void coroutine(void)
{
	for (;;) {
		burn(0.002);
		swapcontext(&inside, &outside);
	}
}

// A coroutine on a stack that then moves or goes, under running timers.
static void change_stack(int i)
{
	enum { SIZE = 65536, MOVED = 4 * SIZE };
	char *stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = SIZE;
	makecontext(&inside, coroutine, 0);
	swapcontext(&outside, &inside);
	swapcontext(&outside, &inside);
	if (i % 2 == 0)
		munmap(mremap(stack, SIZE, MOVED, MREMAP_MAYMOVE), MOVED);
	else
		munmap(stack, SIZE);
	burn(0.001);
}

static void change_stacks(void)
{
	for (int i = 0; i < 40; i++)
		change_stack(i);
	puts("stacks changed");
}

// Out of deep frames, thousands of times.
__attribute__((noinline)) static int climb(jmp_buf top, int depth)
{
	if (depth == 0)
		longjmp(top, 1);
	return depth < 0 ? 0 : climb(top, depth - 1) + (int)cpu_time();
}

static void jump(void)
{
	double end = cpu_time() + 0.2;
	volatile int jumps = 0;
	jmp_buf top;

	while (cpu_time() < end) {
		if (setjmp(top) == 0)
			climb(top, 50);
		jumps++;
	}
	printf("jumped: %d\n", jumps > 100);
}

static void keep_errno_in_threads(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, keep_errno, NULL);
	pthread_join(thread, NULL);
	keep_errno(NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "wait", wait_for_any },
	{ "descriptor", read_from_descriptor },
	{ "overflow", overflow_in_threads },
	{ "profiler", profile_itself },
	{ "stacks", change_stacks },
	{ "jumps", jump },
	{ "errno", keep_errno_in_threads },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(argv[1], cases[i].name) != 0)
			continue;
		cases[i].run();
		return 7;
	}
	return 2;
}
