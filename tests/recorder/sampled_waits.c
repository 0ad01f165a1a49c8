// Many short waits, for profiles that sample them: "truth NAME COUNT NANOSECONDS" of
// wait_short for the block profile, of hold_short for the mutex profile.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { WAITS = 3000, HOLDS = 3000 };

#define APART __attribute__((noipa))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int come[2], go[2];
static _Atomic int64_t since_ns;
static int64_t waited_ns, held_ns;

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

APART static void wait_short(pthread_cond_t *condition, pthread_mutex_t *own)
{
	struct timespec until;
	int64_t start;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 100000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	start = now_ns();
	pthread_cond_clockwait(condition, own, CLOCK_MONOTONIC, &until);
	waited_ns += now_ns() - start;
}

static void *run_waits(void *unused)
{
	pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&own);
	for (int i = 0; i < WAITS; i++)
		wait_short(&condition, &own);
	pthread_mutex_unlock(&own);
	return unused;
}

static void pass(const int *from, const int *to)
{
	char byte = 0;

	if ((to != NULL && write(to[1], &byte, 1) != 1) ||
	    (from != NULL && read(from[0], &byte, 1) != 1))
		exit(1);
}

APART static void hold_short(void)
{
	struct timespec pause = { 0, 30000 };

	pthread_mutex_lock(&mutex);
	pass(NULL, come);
	nanosleep(&pause, NULL);
	// A waiter that has not come yet is not charged for.
	while (mutex.__data.__lock != 2)
		nanosleep(&pause, NULL);
	held_ns += now_ns() - since_ns;
	pthread_mutex_unlock(&mutex);
	pass(go, NULL);
}

static void *run_holds(void *unused)
{
	for (int i = 0; i < HOLDS; i++)
		hold_short();
	return unused;
}

static void *run_lockers(void *unused)
{
	for (int i = 0; i < HOLDS; i++) {
		pass(come, NULL);
		since_ns = now_ns();
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
		pass(NULL, go);
	}
	return unused;
}

int main(void)
{
	void *(*const runs[])(void *) = { run_waits, run_holds, run_lockers };
	pthread_t threads[3];

	if (pipe(come) != 0 || pipe(go) != 0)
		return 1;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, runs[i], NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("truth wait_short %d %ld\n", WAITS, (long)waited_ns);
	printf("truth hold_short %d %ld\n", HOLDS, (long)held_ns);
	return 0;
}
