// Allocates 1000 blocks of 100 bytes, then ends in the way that its argument names.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *volatile last;

static __attribute__((noipa)) void allocate(void)
{
	for (int i = 0; i < 1000; i++)
		last = malloc(100);
}

static void *exit_thread(void *unused)
{
	exit(7);
	return unused;
}

static void overflow_stack(volatile char *above)
{
	volatile char frame[4096];

	frame[0] = *above;
	overflow_stack(frame);
	frame[1] = 0;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "return";
	pthread_t thread;
	char first = 0;

	allocate();
	if (strcmp(way, "exit") == 0)
		exit(7);
	if (strcmp(way, "_exit") == 0)
		_exit(7);
	if (strcmp(way, "quick_exit") == 0)
		quick_exit(7);
	if (strcmp(way, "exit_group") == 0)
		syscall(SYS_exit_group, 7);
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "segv") == 0)
		*(volatile int *)8 = 1;
	if (strcmp(way, "overflow") == 0)
		overflow_stack(&first);
	if (strcmp(way, "term") == 0)
		kill(getpid(), SIGTERM);
	if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(way, "exec") == 0)
		execl("/bin/sh", "sh", "-c", "exit 7", NULL);
	if (strcmp(way, "pthread_exit") == 0)
		pthread_exit(NULL);
	if (strcmp(way, "thread") == 0 &&
	    pthread_create(&thread, NULL, exit_thread, NULL) == 0)
		pthread_join(thread, NULL);
	return 0;
}
