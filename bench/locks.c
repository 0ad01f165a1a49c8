// What a lock that is free costs: nanoseconds of one lock and unlock, one line for each
// kind: NAME LEAST MEDIAN, of as many rounds as the argument says.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PAIRS = 20000, MUTEXES = 1024, ROUNDS_MAX = 1000 };

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t many[MUTEXES];
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void run_one(void)
{
	for (int i = 0; i < PAIRS; i++) {
		pthread_mutex_lock(&one);
		pthread_mutex_unlock(&one);
	}
}

static void run_many(void)
{
	for (int i = 0; i < PAIRS; i++) {
		pthread_mutex_lock(&many[i * 7 % MUTEXES]);
		pthread_mutex_unlock(&many[i * 7 % MUTEXES]);
	}
}

static void run_recursive(void)
{
	for (int i = 0; i < PAIRS; i++) {
		pthread_mutex_lock(&recursive);
		pthread_mutex_unlock(&recursive);
	}
}

static void run_rwlock(void)
{
	for (int i = 0; i < PAIRS; i++) {
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "mutex", run_one },
	{ "mutexes", run_many },
	{ "recursive", run_recursive },
	{ "rwlock", run_rwlock },
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

// A process that never had a second thread does not lock its bus either.
static void *do_nothing(void *unused)
{
	return unused;
}

int main(int argc, char **argv)
{
	static double taken[4][ROUNDS_MAX];
	int rounds = argc > 1 ? atoi(argv[1]) : 100;
	pthread_t thread;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	pthread_create(&thread, NULL, do_nothing, NULL);
	pthread_join(thread, NULL);
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < 4; i++) {
			double start = now_ns();

			kinds[i].run();
			taken[i][round] = (now_ns() - start) / PAIRS;
		}
	}
	for (int i = 0; i < 4; i++) {
		qsort(taken[i], (size_t)rounds, sizeof(double), compare);
		printf("%s %.3f %.3f\n", kinds[i].name, taken[i][0],
		       taken[i][rounds / 2]);
	}
	return 0;
}
