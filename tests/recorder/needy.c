// Hosts in need, or with habits that a guest may stumble over; the first word says which.
// Ends with "all well" and status 0.
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static _Atomic int is_over;

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
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	double end = now() + seconds;

	while (now() < end) {
		void *volatile block = malloc(100);

		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
		free(block);
	}
}

static void *burn_in_thread(void *unused)
{
	burn(0.05);
	return unused;
}

static void use_threads(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL, burn_in_thread, NULL) != 0)
			fail("pthread_create");
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

// As a daemon does: every descriptor but the standard ones.
static void close_everything(void)
{
	if (close_range(3, ~0U, 0) != 0)
		fail("close_range");
	if (open("/dev/null", O_RDONLY) != 3)
		fail("descriptor 3 is not free");
	use_threads();
}

static void have_no_descriptors(void)
{
	const struct rlimit limit = { 3, 3 };

	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail("setrlimit");
	use_threads();
}

static void have_no_memory(void)
{
	const struct rlimit none = { 0, 0 };
	void *block;

	if (setrlimit(RLIMIT_AS, &none) != 0)
		fail("setrlimit");
	errno = 0;
	block = malloc((size_t)64 << 20);
	if (block != NULL || errno != ENOMEM)
		fail("malloc");
	burn(0.2);
}

static void have_no_files(void)
{
	char folder[] = "/tmp/goprof-needy-XXXXXX";

	if (mkdtemp(folder) == NULL || chroot(folder) != 0 || chdir("/") != 0)
		fail("chroot");
	use_threads();
}

// Children that share the memory and borrow the stack of their parent until they execute.
static void use_vfork(void)
{
	for (int i = 0; i < 50; i++) {
		volatile pid_t child = vfork();
		int status;

		if (child == 0) {
			execl("/bin/true", "true", NULL);
			_exit(9);
		}
		burn(0.002);
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			fail("vfork");
	}
}

// Another copy of libc, with a malloc of its own.
static void use_namespaces(void)
{
	void *maths = dlmopen(LM_ID_NEWLM, "libm.so.6", RTLD_NOW);
	double (*cube_root)(double);

	if (maths == NULL)
		fail("dlmopen");
	*(void **)&cube_root = dlsym(maths, "cbrt");
	burn(0.1);
	if (cube_root(27) < 2.9 || dlclose(maths) != 0)
		fail("the copy");
}

static sigjmp_buf back;

static void jump(int signal)
{
	(void)signal;
	siglongjmp(back, 1);
}

static void jump_out_of_handlers(void)
{
	struct sigaction action = { .sa_handler = jump };
	volatile int jumps = 0;

	sigaction(SIGUSR1, &action, NULL);
	while (jumps < 2000) {
		if (sigsetjmp(back, 1) == 0) {
			burn(0.0001);
			raise(SIGUSR1);
		}
		jumps++;
	}
}

static ucontext_t outside, inside;

static void run_inside(void)
{
	for (;;) {
		burn(0.001);
		swapcontext(&inside, &outside);
	}
}

// A stack that goes away when it was sampled, and another that comes to where it was.
static void lose_stacks(void)
{
	enum { SIZE = 1 << 17 };

	for (int i = 0; i < 200; i++) {
		char *stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (stack == MAP_FAILED || getcontext(&inside) != 0)
			fail("mmap");
		inside.uc_stack.ss_sp = stack;
		inside.uc_stack.ss_size = SIZE;
		makecontext(&inside, run_inside, 0);
		swapcontext(&outside, &inside);
		swapcontext(&outside, &inside);
		munmap(stack, SIZE);
	}
}

static void *burn_to_the_end(void *unused)
{
	while (!is_over)
		burn(0.01);
	return unused;
}

// Threads that still run, and one that ends, while the process does.
static void exit_in_a_race(void)
{
	for (int i = 0; i < 40; i++) {
		pid_t child = fork();
		pthread_t thread;
		int status;

		if (child == 0) {
			for (int j = 0; j < 4; j++)
				pthread_create(&thread, NULL,
					       j == 0 ? burn_in_thread : burn_to_the_end,
					       NULL);
			burn(0.001 * i);
			if (i % 2 == 0)
				_exit(7);
			exit(7);
		}
		if (waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != 7)
			fail("a child");
	}
}

static void *do_nothing(void *unused)
{
	return unused;
}

static void end_threads(void)
{
	for (int i = 0; i < 2000; i++) {
		pthread_attr_t attributes;
		pthread_t thread;

		pthread_attr_init(&attributes);
		pthread_attr_setdetachstate(&attributes, i % 2);
		if (pthread_create(&thread, &attributes, do_nothing, NULL) != 0)
			fail("pthread_create");
		if (i % 2 == PTHREAD_CREATE_JOINABLE)
			pthread_join(thread, NULL);
	}
}

// Neither a hook nor a signal may change it.
static void keep_errno(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	double end = now() + 0.3;

	errno = 123;
	while (now() < end) {
		void *volatile block = malloc(100);

		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
		free(block);
		if (errno != 123)
			fail("errno");
	}
}

static void forbid_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	use_threads();
}

static const struct habit {
	const char *name;
	void (*run)(void);
} habits[] = {
	{ "close", close_everything },
	{ "descriptors", have_no_descriptors },
	{ "memory", have_no_memory },
	{ "files", have_no_files },
	{ "vfork", use_vfork },
	{ "namespaces", use_namespaces },
	{ "jumps", jump_out_of_handlers },
	{ "stacks", lose_stacks },
	{ "exits", exit_in_a_race },
	{ "threads", end_threads },
	{ "errno", keep_errno },
	{ "signals", forbid_signals },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		if (argc > 1 && strcmp(argv[1], habits[i].name) == 0) {
			habits[i].run();
			puts("all well");
			return 0;
		}
	}
	return 2;
}
