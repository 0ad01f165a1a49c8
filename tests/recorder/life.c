// What programs do that breaks profilers: forks, threads that come and go, small stacks,
// signal stacks, fibers, dlopen and dlclose, jumps out of handlers. Ends with status 0
// and "all well" when nothing was disturbed. Arguments: seconds, a library to load.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static double deadline;
static const char *library;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	printf("disturbed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __attribute__((noipa)) void work(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		void *volatile block = malloc((size_t)(i % 300 + 1));

		free(block);
	}
}

static void *forks(void *unused)
{
	while (now() < deadline) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			work(500);
			_exit(9);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != 9)
			fail("fork");
		if (WEXITSTATUS(system("exit 3")) != 3)
			fail("system");
	}
	return unused;
}

static void *short_thread(void *argument)
{
	work(200);
	if (argument != NULL)
		pthread_exit(argument);
	return argument;
}

static void *threads(void *unused)
{
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32768);
	for (size_t i = 0; now() < deadline; i++) {
		pthread_t thread;
		void *argument = (void *)(i % 2), *result;

		if (pthread_create(&thread, i % 3 == 0 ? &small : NULL, short_thread,
				   argument) != 0 ||
		    pthread_join(thread, &result) != 0 || result != argument)
			fail("thread");
	}
	return unused;
}

static void *loads(void *unused)
{
	while (now() < deadline) {
		void *handle = dlopen(library, RTLD_NOW);
		int (*call)(int);

		if (handle == NULL)
			fail(dlerror());
		*(void **)&call = dlsym(handle, "life_library_work");
		if (call == NULL || call(2000) != 2000)
			fail("dlsym");
		dlclose(handle);
	}
	return unused;
}

static ucontext_t main_fiber, other_fiber;

static void fiber(void)
{
	for (;;) {
		work(300);
		swapcontext(&other_fiber, &main_fiber);
	}
}

static void *fibers(void *unused)
{
	enum { STACK = 32768 };
	void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	getcontext(&other_fiber);
	other_fiber.uc_stack.ss_sp = stack;
	other_fiber.uc_stack.ss_size = STACK;
	makecontext(&other_fiber, fiber, 0);
	while (now() < deadline)
		swapcontext(&main_fiber, &other_fiber);
	return unused;
}

static __thread sigjmp_buf back;
static __thread int wants_fault;

static void on_fault(int number)
{
	if (!wants_fault) {
		signal(number, SIG_DFL);
		return;
	}
	work(10);
	siglongjmp(back, number);
}

static void *faults(void *unused)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_size = 65536, .ss_sp = malloc(65536) };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	wants_fault = 1;
	while (now() < deadline) {
		if (sigsetjmp(back, 1) == 0)
			*(volatile int *)16 = 1;
		work(50);
	}
	return unused;
}

static void *checks_errno(void *unused)
{
	while (now() < deadline) {
		errno = 4711;
		for (int i = 0; i < 2000; i++) {
			void *volatile block = malloc((size_t)i);

			free(block);
		}
		if (errno != 4711)
			fail("errno");
	}
	return unused;
}

int main(int argc, char **argv)
{
	static void *(*const all[])(void *) = { forks,  threads, loads,
						fibers, faults,  checks_errno };
	enum { COUNT = sizeof(all) / sizeof(all[0]) };
	pthread_t running[COUNT];

	if (argc < 3)
		return 2;
	deadline = now() + atof(argv[1]);
	library = argv[2];
	for (int i = 0; i < COUNT; i++) {
		if (pthread_create(&running[i], NULL, all[i], NULL) != 0)
			fail("pthread_create");
	}
	for (int i = 0; i < COUNT; i++)
		pthread_join(running[i], NULL);
	puts("all well");
	return 0;
}
