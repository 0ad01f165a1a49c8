// Five threads wait for a lock that nobody gives back; the first dies at a bad address,
// deep in calls, or rests where it is told to.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "truth.h"

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t started;

APART void waits(void)
{
	pthread_mutex_lock(&held);
	pthread_mutex_unlock(&held);
}

APART void *worker(void *argument)
{
	pthread_barrier_wait(&started);
	waits();
	return argument;
}

APART void falls(int depth, int rests)
{
	if (depth > 0)
		falls(depth - 1, rests);
	else if (rests)
		pause();
	else
		*(volatile int *)8 = 1;
	__asm__ volatile("");
}

int main(int argc, char **argv)
{
	pthread_t thread;

	(void)argv;
	pthread_mutex_lock(&held);
	pthread_barrier_init(&started, NULL, 6);
	for (int i = 0; i < 5; i++)
		pthread_create(&thread, NULL, worker, NULL);
	pthread_barrier_wait(&started);
	usleep(200000);
	puts("ready");
	fflush(stdout);
	falls(3, argc > 1);
	return 0;
}
