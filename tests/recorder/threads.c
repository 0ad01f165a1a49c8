// Threads in known places: many in a condition and asleep with all signals blocked, and
// two that hold each other's mutex. Writes where they are as a profile, several times.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "goprof.h"

enum { WAITERS = 100, SLEEPERS = 100 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;
static int interrupted;

__attribute__((noinline)) static void wait_in_condition(void)
{
	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&never, &lock);
}

// A frame whose size is known only when it runs has a frame pointer.
__attribute__((noinline)) static void sleep_in_variable_frame(size_t size)
{
	volatile char room[size];
	struct timespec hour = { 3600, 0 };

	room[0] = 1;
	if (nanosleep(&hour, NULL) != 0 && errno == EINTR)
		__atomic_fetch_add(&interrupted, 1, __ATOMIC_SEQ_CST);
	room[0] = 2;
}

static void *run_waiter(void *unused)
{
	wait_in_condition();
	return unused;
}

static void *run_sleeper(void *size)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	sleep_in_variable_frame((size_t)size);
	return NULL;
}

__attribute__((noinline)) static void lock_crosswise(pthread_mutex_t *mine,
						     pthread_mutex_t *other)
{
	pthread_mutex_lock(mine);
	pthread_barrier_wait(&both);
	pthread_mutex_lock(other);
	pthread_mutex_unlock(other);
}

static void *run_philosopher(void *is_first)
{
	prctl(PR_SET_NAME, "philosopher");
	lock_crosswise(is_first != NULL ? &first : &second,
		       is_first != NULL ? &second : &first);
	return NULL;
}

static void start(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, argument) != 0)
		exit(3);
}

int main(int argc, char **argv)
{
	(void)argc;
	pthread_barrier_init(&both, NULL, 2);
	for (size_t i = 0; i < WAITERS; i++)
		start(run_waiter, NULL);
	for (size_t i = 0; i < SLEEPERS; i++)
		start(run_sleeper, (void *)(64 + i % 4 * 16));
	start(run_philosopher, NULL);
	start(run_philosopher, &first);
	sleep(1);
	for (int i = 0; i < 5; i++) {
		if (goprof_write_profile("threads", argv[1]) != 0) {
			perror("goprof_write_profile");
			return 1;
		}
	}
	printf("interrupted %d\n", interrupted);
	return interrupted != 0;
}
