// Threads that lock, wait, are cancelled and fork, all at once and for a while. Every
// lock guards numbers that must agree whenever it is held: prints "all well" when they
// always did.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PLACES = 6, LOCKERS = 12, READERS = 6, CHILDREN_AT_ONCE = 2 };

// What a mutex guards; at most one thread finds `inside` 0.
struct place {
	pthread_mutex_t mutex;
	pthread_cond_t condition;
	int inside;
	long count;
};

static struct place places[PLACES];
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static long left, right;
static sem_t semaphore;
static _Atomic int is_over;
static _Atomic long counted, cancelled, forked;

static void fail(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
	_exit(1);
}

static struct timespec later(int us)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += us * 1000L;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static void visit(struct place *place)
{
	if (place->inside++ != 0)
		fail("two threads hold one mutex");
	place->count++;
	counted++;
	if (place->count % 64 == 0)
		usleep(20);
	place->inside--;
}

static int lock(struct place *place, unsigned *seed)
{
	struct timespec until = later(100);

	switch (rand_r(seed) % 3) {
	case 0:
		return pthread_mutex_timedlock(&place->mutex, &until);
	case 1:
		return pthread_mutex_trylock(&place->mutex);
	default:
		return pthread_mutex_lock(&place->mutex);
	}
}

static void unlock(void *mutex)
{
	if (pthread_mutex_unlock(mutex) != 0)
		fail("not mine to unlock");
}

static void *run_locker(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument;

	while (!is_over) {
		struct place *place = &places[rand_r(&seed) % PLACES];
		int result = lock(place, &seed);

		if (result == ETIMEDOUT || result == EBUSY)
			continue;
		if (result != 0)
			fail("lock");
		visit(place);
		if (rand_r(&seed) % 4 == 0) {
			struct timespec until = later(50);

			pthread_cond_timedwait(&place->condition, &place->mutex, &until);
			visit(place);
		}
		pthread_cond_signal(&place->condition);
		unlock(&place->mutex);
	}
	return NULL;
}

static void *run_reader(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument;

	while (!is_over) {
		if (rand_r(&seed) % 8 == 0) {
			pthread_rwlock_wrlock(&rwlock);
			left++;
			if (left % 16 == 0)
				usleep(10);
			right++;
		} else {
			pthread_rwlock_rdlock(&rwlock);
			if (left != right)
				fail("a reader and a writer hold one lock");
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

// Until somebody cancels it.
static void *run_victim(void *argument)
{
	struct place *place = argument;

	pthread_mutex_lock(&place->mutex);
	pthread_cleanup_push(unlock, &place->mutex);
	for (;;) {
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
		visit(place);
		pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
		pthread_cond_wait(&place->condition, &place->mutex);
	}
	pthread_cleanup_pop(0);
}

static void *run_poster(void *unused)
{
	while (sem_wait(&semaphore) == 0 || errno == EINTR)
		;
	return unused;
}

static void *run_canceller(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument;

	while (!is_over) {
		void *(*run)(void *) = rand_r(&seed) % 2 == 0 ? run_victim : run_poster;
		pthread_t thread;
		void *value;

		if (pthread_create(&thread, NULL, run, &places[rand_r(&seed) % PLACES]))
			fail("create");
		usleep(rand_r(&seed) % 300);
		sem_post(&semaphore);
		pthread_cancel(thread);
		if (pthread_join(thread, &value) != 0 || value != PTHREAD_CANCELED)
			fail("join");
		cancelled++;
	}
	return NULL;
}

static void *run_one_visit(void *place)
{
	pthread_mutex_lock(&((struct place *)place)->mutex);
	visit(place);
	unlock(&((struct place *)place)->mutex);
	return NULL;
}

// Has locks of its own: what others held when it was forked is held for ever.
static void be_child(void)
{
	static struct place own = { .mutex = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[3];

	pthread_mutex_lock(&own.mutex);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, run_one_visit, &own);
	usleep(200);
	unlock(&own.mutex);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	_exit(own.count == 3 ? 0 : 1);
}

static void *run_forker(void *unused)
{
	while (!is_over) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			be_child();
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			fail("a child");
		forked++;
		// goprof run makes a profile of each child.
		usleep(60000);
	}
	return unused;
}

static void prepare(void)
{
	const int types[] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ERRORCHECK,
			      PTHREAD_MUTEX_RECURSIVE };

	for (int i = 0; i < PLACES; i++) {
		pthread_mutexattr_t a;

		pthread_mutexattr_init(&a);
		pthread_mutexattr_settype(&a, types[i % 3]);
		if (i == 3)
			pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
		if (i == 4)
			pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
		pthread_mutex_init(&places[i].mutex, &a);
		pthread_cond_init(&places[i].condition, NULL);
	}
	sem_init(&semaphore, 0, 0);
}

static pthread_t begin(void *(*run)(void *), int number)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, (void *)(intptr_t)number) != 0)
		fail("create");
	return thread;
}

int main(int argc, char **argv)
{
	pthread_t threads[LOCKERS + READERS + 2 + CHILDREN_AT_ONCE];
	int count = 0;

	prepare();
	for (int i = 0; i < LOCKERS; i++, count++)
		threads[count] = begin(run_locker, count + 1);
	for (int i = 0; i < READERS; i++, count++)
		threads[count] = begin(run_reader, count + 1);
	for (int i = 0; i < 2; i++, count++)
		threads[count] = begin(run_canceller, count + 1);
	for (int i = 0; i < CHILDREN_AT_ONCE; i++, count++)
		threads[count] = begin(run_forker, count + 1);
	usleep((useconds_t)(argc > 1 ? atoi(argv[1]) : 3000) * 1000);
	is_over = 1;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("%ld visits, %ld cancelled, %ld forks\n", counted, cancelled, forked);
	if (counted < 100 || cancelled < 10 || forked < 2)
		fail("hardly anything happened");
	printf("all well\n");
	return 0;
}
