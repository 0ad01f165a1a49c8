// What programs do with processes, descriptors, limits and threads that end; the first
// word says which. What is printed must not depend on who else is in the process.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

static const char *self, *library;

static void *burn_for_ever(void *ready)
{
	*(_Atomic int *)ready += 1;
	for (;;)
		burn(1);
	return NULL;
}

static void start_burners(int count)
{
	static _Atomic int ready;
	pthread_t thread;

	for (int i = 0; i < count; i++)
		pthread_create(&thread, NULL, burn_for_ever, &ready);
	while (ready < count)
		sched_yield();
}

static int status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// Even ones end at once, odd ones execute.
__attribute__((noinline)) static pid_t vfork_one(int i)
{
	static char five[] = "five";
	char *const words[] = { (char *)self, five, NULL };
	pid_t pid = vfork();

	if (pid == 0 && i % 2 == 0)
		_exit(9);
	if (pid == 0) {
		execv(self, words);
		_exit(127);
	}
	return pid;
}

static void use_vfork(void)
{
	for (int i = 0; i < 30; i++) {
		burn(0.002);
		printf("%d: %d\n", i, status_of(vfork_one(i)));
	}
}

static void spawn(void)
{
	char *const words[] = { (char *)self, "five", NULL };
	pid_t pid = -1;

	start_burners(2);
	for (int i = 0; i < 8; i++) {
		int error = posix_spawn(&pid, self, NULL, NULL, words, environ);

		printf("spawned: %d, %d\n", error, status_of(pid));
		printf("system: %d\n", WEXITSTATUS(system("exit 6")));
	}
}

// Every thread but the forking one is gone in the child, which makes new ones.
static void fork_among_threads(void)
{
	start_burners(3);
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			start_burners(2);
			burn(0.01);
			exit(i);
		}
		printf("child: %d\n", status_of(pid));
	}
}

// Sees which descriptors are open by what the next ones are called.
static void close_all(void)
{
	start_burners(1);
	closefrom(3);
	burn(0.05);
	for (int i = 0; i < 4; i++)
		printf("descriptor %d\n", open("/dev/null", O_RDONLY));
	closefrom(3);
	for (int fd = 3; fd < 100; fd++)
		printf("%s", close(fd) == 0 ? "there is one\n" : "");
	burn(0.05);
	printf("child: %d\n", WEXITSTATUS(system("exit 4")));
}

static void limit(int what, rlim_t value)
{
	struct rlimit limit = { value, value };

	if (setrlimit(what, &limit) != 0)
		perror("setrlimit");
}

static void *give_back(void *argument)
{
	burn(0.01);
	return argument;
}

static void make_threads(int count)
{
	for (int i = 0; i < count; i++) {
		static char threads[1];
		pthread_t thread;
		void *result = NULL;

		if (pthread_create(&thread, NULL, give_back, threads) == 0)
			pthread_join(thread, &result);
		printf("thread: %d\n", result == threads);
	}
}

static void have_no_descriptors(void)
{
	limit(RLIMIT_NOFILE, 3);
	burn(0.05);
	make_threads(3);
	printf("open: %d\n", open("/dev/null", O_RDONLY));
}

static void have_no_memory(void)
{
	void *blocks[64];
	int count = 0;

	limit(RLIMIT_AS, 600 << 20);
	burn(0.05);
	make_threads(3);
	while (count < 64 && (blocks[count] = malloc(64 << 20)) != NULL)
		count++;
	printf("memory ends: %d\n", count < 64);
	burn(0.05);
	while (count > 0)
		free(blocks[--count]);
	printf("and is back: %d\n", malloc(64 << 20) != NULL);
}

// No /proc, no files, nothing (for root; others see the same refusal with a profiler as
// without).
static void have_no_files(void)
{
	char folder[] = "/tmp/goprof-empty-XXXXXX";

	if (mkdtemp(folder) == NULL)
		return;
	printf("chroot: %d\n", chroot(folder) == 0 ? chdir("/") : errno);
	burn(0.05);
	make_threads(2);
	if (fork() == 0) {
		burn(0.05);
		_exit(3);
	}
	printf("child: %d\n", status_of(-1));
	rmdir(folder);
}

static void *end_at_once(void *unused)
{
	free(malloc(1000));
	return unused;
}

static void end_threads(void)
{
	enum { AT_ONCE = 100 };
	pthread_t threads[AT_ONCE];

	for (int round = 0; round < 30; round++) {
		for (int i = 0; i < AT_ONCE; i++)
			pthread_create(&threads[i], NULL, end_at_once, NULL);
		for (int i = 0; i < AT_ONCE; i++)
			pthread_join(threads[i], NULL);
	}
	puts("threads have ended");
}

// In the middle of everything that threads do.
static void race_to_the_exit(void)
{
	for (int i = 0; i < 15; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			start_burners(4);
			burn(i % 5 / 1000.);
			if (i % 3 == 0)
				_exit(i);
			exit(i);
		}
		printf("exit: %d\n", status_of(pid));
	}
}

// Another libc with its own malloc, beside ours.
static void load_beside(void)
{
	int (*work)(int) = NULL;
	void *handle;

	for (int i = 0; i < 5; i++) {
		handle = dlmopen(LM_ID_NEWLM, library, RTLD_NOW);
		if (handle != NULL)
			*(void **)&work = dlsym(handle, "life_library_work");
		printf("beside: %d\n", work == NULL ? -1 : work(100000));
		burn(0.02);
		if (handle != NULL)
			dlclose(handle);
	}
}

// Memory that children get empty, or not at all.
static void withhold_memory(void)
{
	enum { SIZE = 1 << 20 };
	char *wiped = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *kept = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	memset(wiped, 1, SIZE);
	memset(kept, 1, SIZE);
	printf("wipe: %d\n", madvise(wiped, SIZE, MADV_WIPEONFORK));
	printf("keep: %d\n", madvise(kept, SIZE, MADV_DONTFORK));
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			burn(0.02);
			_exit(wiped[i * 4096] == 0 ? 2 : 1);
		}
		printf("child: %d\n", status_of(pid));
	}
}

// Not a page more than there is.
static void have_no_memory_at_all(void)
{
	limit(RLIMIT_AS, 0);
	errno = 0;
	printf("memory: %d, %s\n", malloc(64 << 20) != NULL, strerror(errno));
	burn(0.1);
}

static void block_all_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	burn(0.05);
	make_threads(3);
}

static void exit_with_five(void)
{
	burn(0.005);
	exit(5);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "five", exit_with_five },
	{ "vfork", use_vfork },
	{ "spawn", spawn },
	{ "fork", fork_among_threads },
	{ "closefrom", close_all },
	{ "descriptors", have_no_descriptors },
	{ "memory", have_no_memory },
	{ "chroot", have_no_files },
	{ "threads", end_threads },
	{ "exit", race_to_the_exit },
	{ "namespace", load_beside },
	{ "madvise", withhold_memory },
	{ "limit", have_no_memory_at_all },
	{ "blocked", block_all_signals },
};

int main(int argc, char **argv)
{
	self = argv[0];
	library = argc > 2 ? argv[2] : "";
	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(argv[1], cases[i].name) != 0)
			continue;
		cases[i].run();
		return 7;
	}
	return 2;
}
