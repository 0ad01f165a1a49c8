// The corners of what threads wait with: prints what each call returned, which must be
// the same with the recorder and without.
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, int result)
{
	printf("%s: %d\n", what, result);
}

static struct timespec later(clockid_t clock, int ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += (long)ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static const struct timespec no_time = { 1, 2000000000 };

static pthread_mutex_t make(int type, int robust, int protocol, int shared)
{
	pthread_mutex_t mutex;
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, type);
	pthread_mutexattr_setrobust(&a, robust);
	pthread_mutexattr_setprotocol(&a, protocol);
	pthread_mutexattr_setpshared(&a, shared);
	memset(&mutex, 0, sizeof(mutex));
	say("init", pthread_mutex_init(&mutex, &a));
	return mutex;
}

static void *run_lock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_lock(mutex);
}

static void *run_unlock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_unlock(mutex);
}

static void *run_timedlock(void *mutex)
{
	struct timespec until = later(CLOCK_REALTIME, 20);

	return (void *)(intptr_t)pthread_mutex_timedlock(mutex, &until);
}

static void *run_bad_timedlock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_timedlock(mutex, &no_time);
}

static void *run_bad_clocklock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_clocklock(mutex, CLOCK_PROCESS_CPUTIME_ID,
							 &no_time);
}

static int in_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;
	void *value;

	if (pthread_create(&thread, NULL, run, argument) != 0 ||
	    pthread_join(thread, &value) != 0)
		exit(1);
	return (int)(intptr_t)value;
}

static void try_mutex(const char *name, int type, int protocol, int shared)
{
	pthread_mutex_t mutex = make(type, PTHREAD_MUTEX_STALLED, protocol, shared);

	printf("%s\n", name);
	say("bad time, free", pthread_mutex_timedlock(&mutex, &no_time));
	say("bad time, taken", in_thread(run_bad_timedlock, &mutex));
	say("bad clock, taken", in_thread(run_bad_clocklock, &mutex));
	say("timedlock", in_thread(run_timedlock, &mutex));
	say("trylock", pthread_mutex_trylock(&mutex));
	if (type != PTHREAD_MUTEX_NORMAL && type != PTHREAD_MUTEX_ADAPTIVE_NP)
		say("again", pthread_mutex_lock(&mutex));
	say("unlock by another",
	    type == PTHREAD_MUTEX_ERRORCHECK ? in_thread(run_unlock, &mutex) : 0);
	say("destroy taken", pthread_mutex_destroy(&mutex));
	say("owner is me",
	    mutex.__data.__owner == (int)syscall(SYS_gettid) || protocol != 0);
	for (int i = 0; i < 3 && mutex.__data.__count > 0; i++)
		say("unlock one", pthread_mutex_unlock(&mutex));
	say("unlock", pthread_mutex_unlock(&mutex));
	say("bad clock, free",
	    pthread_mutex_clocklock(&mutex, CLOCK_PROCESS_CPUTIME_ID, &no_time));
	say("lock", pthread_mutex_lock(&mutex));
	say("unlock", pthread_mutex_unlock(&mutex));
	say("users", (int)mutex.__data.__nusers);
	say("destroy", pthread_mutex_destroy(&mutex));
}

static void try_robust(int type)
{
	pthread_mutex_t mutex = make(type, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, 0);

	printf("robust\n");
	say("dies", in_thread(run_lock, &mutex));
	say("owner is dead", pthread_mutex_lock(&mutex));
	say("consistent", pthread_mutex_consistent(&mutex));
	say("unlock", pthread_mutex_unlock(&mutex));
	say("dies", in_thread(run_lock, &mutex));
	say("owner is dead", in_thread(run_timedlock, &mutex));
	say("owner is dead", pthread_mutex_lock(&mutex));
	say("unlock", pthread_mutex_unlock(&mutex));
	say("lost", pthread_mutex_lock(&mutex));
	say("lost", in_thread(run_timedlock, &mutex));
}

// The owner dies while somebody waits.
static void try_robust_processes(void)
{
	pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	printf("robust, two processes\n");
	*mutex = make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE,
		      PTHREAD_PROCESS_SHARED);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		pthread_mutex_lock(mutex);
		usleep(50000);
		_exit(3);
	}
	while (mutex->__data.__lock == 0)
		usleep(1000);
	say("owner dies", pthread_mutex_lock(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	waitpid(pid, &status, 0);
	say("child", WEXITSTATUS(status));
}

static void try_rwlock(void)
{
	pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
	struct timespec until = later(CLOCK_REALTIME, 20);

	printf("rwlock\n");
	say("bad time, free", pthread_rwlock_timedrdlock(&lock, &no_time));
	say("bad time, free", pthread_rwlock_timedwrlock(&lock, &no_time));
	say("bad clock", pthread_rwlock_clockrdlock(&lock, 1234, &until));
	say("rdlock", pthread_rwlock_rdlock(&lock));
	say("rdlock", pthread_rwlock_rdlock(&lock));
	say("timedwrlock", pthread_rwlock_timedwrlock(&lock, &until));
	say("unlock", pthread_rwlock_unlock(&lock));
	say("unlock", pthread_rwlock_unlock(&lock));
	say("wrlock", pthread_rwlock_wrlock(&lock));
	say("wrlock", pthread_rwlock_wrlock(&lock));
	say("rdlock", pthread_rwlock_rdlock(&lock));
	say("timedrdlock", pthread_rwlock_timedrdlock(&lock, &until));
	say("unlock", pthread_rwlock_unlock(&lock));
}

static void do_nothing(int number)
{
	(void)number;
}

static void try_semaphore(void)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct timespec until;
	sem_t semaphore;

	printf("semaphore\n");
	sem_init(&semaphore, 0, 2);
	errno = 77;
	say("wait", sem_wait(&semaphore));
	say("errno", errno);
	say("bad time, free", sem_timedwait(&semaphore, &no_time));
	say("errno", errno);
	sem_trywait(&semaphore);
	until = later(CLOCK_REALTIME, 20);
	say("timedwait", sem_timedwait(&semaphore, &until));
	say("errno", errno);
	until = later(CLOCK_MONOTONIC, 20);
	say("clockwait", sem_clockwait(&semaphore, CLOCK_MONOTONIC, &until));
	say("errno", errno);
	sigaction(SIGALRM, &action, NULL);
	ualarm(20000, 0);
	say("interrupted", sem_wait(&semaphore));
	say("errno", errno);
	sem_post(&semaphore);
	errno = 77;
	say("wait", sem_wait(&semaphore));
	say("errno", errno);
}

static void try_condition(void)
{
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	pthread_mutex_t mutex =
		make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, 0, 0);
	struct timespec until = later(CLOCK_REALTIME, 20);

	printf("condition\n");
	say("not mine", pthread_cond_wait(&condition, &mutex));
	pthread_mutex_lock(&mutex);
	say("bad time", pthread_cond_timedwait(&condition, &mutex, &no_time));
	say("timedwait", pthread_cond_timedwait(&condition, &mutex, &until));
	say("clockwait", pthread_cond_clockwait(&condition, &mutex, 1234, &until));
	say("mine again", pthread_mutex_unlock(&mutex));
}

static void *run_value(void *value)
{
	return value;
}

static void *run_long(void *unused)
{
	usleep(100000);
	return unused;
}

static void try_join(void)
{
	struct timespec until = later(CLOCK_REALTIME, 10);
	pthread_t thread;
	void *value = NULL;

	printf("join\n");
	say("itself", pthread_join(pthread_self(), NULL));
	pthread_create(&thread, NULL, run_value, (void *)42);
	usleep(50000);
	say("ended", pthread_join(thread, &value));
	say("value", (int)(intptr_t)value);
	pthread_create(&thread, NULL, run_long, NULL);
	say("timedjoin", pthread_timedjoin_np(thread, &value, &until));
	say("bad clock", pthread_clockjoin_np(thread, &value, 1234, &until));
	say("join", pthread_join(thread, &value));
	pthread_create(&thread, NULL, run_long, NULL);
	pthread_detach(thread);
	say("detached", pthread_join(thread, &value));
}

struct place {
	pthread_mutex_t mutex;
	pthread_cond_t condition;
	sem_t semaphore;
	pthread_t other;
	int cleaned;
};

static void clean_up(void *argument)
{
	struct place *place = argument;

	place->cleaned = pthread_mutex_unlock(&place->mutex) == 0 ? 1 : 2;
}

static void *cancel_condition(void *argument)
{
	struct place *place = argument;

	pthread_mutex_lock(&place->mutex);
	pthread_cleanup_push(clean_up, place);
	for (;;)
		pthread_cond_wait(&place->condition, &place->mutex);
	pthread_cleanup_pop(0);
}

static void *cancel_timed_condition(void *argument)
{
	struct place *place = argument;
	struct timespec until = later(CLOCK_REALTIME, 60000);

	pthread_mutex_lock(&place->mutex);
	pthread_cleanup_push(clean_up, place);
	for (;;)
		pthread_cond_timedwait(&place->condition, &place->mutex, &until);
	pthread_cleanup_pop(0);
}

static void *cancel_semaphore(void *argument)
{
	sem_wait(&((struct place *)argument)->semaphore);
	return NULL;
}

static void *cancel_join(void *argument)
{
	pthread_join(((struct place *)argument)->other, NULL);
	return NULL;
}

static void *sleep_long(void *unused)
{
	usleep(150000);
	return unused;
}

// Is to be cancelled by the wait itself, although the semaphore is free.
static void *cancel_pending(void *argument)
{
	struct place *place = argument;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cancel(pthread_self());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	sem_post(&place->semaphore);
	sem_wait(&place->semaphore);
	return NULL;
}

// One that has ended is joined without a look at that.
static void *join_pending(void *argument)
{
	struct place *place = argument;

	usleep(200000);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cancel(pthread_self());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	return (void *)(intptr_t)pthread_join(place->other, NULL);
}

static void try_cancel(const char *what, void *(*run)(void *))
{
	struct place place = { .mutex = PTHREAD_MUTEX_INITIALIZER,
			       .condition = PTHREAD_COND_INITIALIZER };
	pthread_t thread;
	void *value;
	int count;

	sem_init(&place.semaphore, 0, 0);
	pthread_create(&place.other, NULL, sleep_long, NULL);
	pthread_create(&thread, NULL, run, &place);
	usleep(30000);
	if (run != join_pending)
		pthread_cancel(thread);
	say(what, pthread_join(thread, &value));
	say("is cancelled", value == PTHREAD_CANCELED);
	say("cleaned", place.cleaned);
	say("mutex", pthread_mutex_trylock(&place.mutex));
	sem_getvalue(&place.semaphore, &count);
	say("semaphore", count);
	say("other", pthread_join(place.other, NULL) != 0);
}

static void try_c11(void)
{
	struct timespec until = later(CLOCK_REALTIME, 20);
	thrd_t thread;
	mtx_t mutex;
	cnd_t condition;
	int value = 0;

	printf("C11\n");
	mtx_init(&mutex, mtx_timed | mtx_recursive);
	cnd_init(&condition);
	say("lock", mtx_lock(&mutex));
	say("lock", mtx_lock(&mutex));
	say("timedlock", mtx_timedlock(&mutex, &until));
	say("timedlock in thread", in_thread(run_timedlock, &mutex));
	say("unlock", mtx_unlock(&mutex));
	say("unlock", mtx_unlock(&mutex));
	say("timedwait", cnd_timedwait(&condition, &mutex, &until));
	say("unlock", mtx_unlock(&mutex));
	thrd_create(&thread, (thrd_start_t)(void (*)(void))rand, NULL);
	say("join", thrd_join(thread, &value));
	say("value", value == 1804289383);
}

static void try_syscall(void)
{
	struct timespec relative = { 0, 20000000 };
	int word = 1;

	printf("syscall\n");
	errno = 77;
	say("other value", (int)syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL));
	say("errno", errno);
	say("timeout", (int)syscall(SYS_futex, &word, FUTEX_WAIT, 1, &relative));
	say("errno", errno);
	errno = 77;
	say("wake", (int)syscall(SYS_futex, &word, FUTEX_WAKE, 1));
	say("bad bitset",
	    (int)syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 1, &relative, NULL, 0));
	say("errno", errno);
	say("no such call", (int)syscall(100000, 1, 2, 3, 4, 5, 6));
	say("errno", errno);
	say("mmap", (void *)syscall(SYS_mmap, NULL, 4096, PROT_READ,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void *come(void *barrier)
{
	return (void *)(intptr_t)pthread_barrier_wait(barrier);
}

static void try_barrier(void)
{
	pthread_barrier_t barrier;
	pthread_t threads[5];
	int last = 0;

	pthread_barrier_init(&barrier, NULL, 5);
	for (int i = 0; i < 5; i++)
		pthread_create(&threads[i], NULL, come, &barrier);
	for (int i = 0; i < 5; i++) {
		void *value;

		pthread_join(threads[i], &value);
		last += (int)(intptr_t)value;
	}
	say("barrier", last);
	say("destroy", pthread_barrier_destroy(&barrier));
}

// A lock that is held by who forks is the child's to unlock.
static void try_fork(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	int status;

	pthread_mutex_lock(&mutex);
	fflush(stdout);
	if (fork() == 0) {
		int result = pthread_mutex_unlock(&mutex) == 0 &&
			     pthread_mutex_lock(&mutex) == 0 &&
			     mutex.__data.__owner == (int)syscall(SYS_gettid) &&
			     in_thread(run_timedlock, &mutex) == ETIMEDOUT;

		_exit(result);
	}
	wait(&status);
	say("fork", WEXITSTATUS(status));
	say("unlock", pthread_mutex_unlock(&mutex));
}

int main(void)
{
	try_mutex("normal", PTHREAD_MUTEX_NORMAL, 0, 0);
	try_mutex("errorcheck", PTHREAD_MUTEX_ERRORCHECK, 0, 0);
	try_mutex("recursive", PTHREAD_MUTEX_RECURSIVE, 0, 0);
	try_mutex("adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, 0, 0);
	try_mutex("shared", PTHREAD_MUTEX_NORMAL, 0, PTHREAD_PROCESS_SHARED);
	try_mutex("inherit", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, 0);
	try_mutex("inherit, errorcheck", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT,
		  0);
	try_mutex("protect", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_PROTECT, 0);
	try_robust(PTHREAD_MUTEX_NORMAL);
	try_robust(PTHREAD_MUTEX_RECURSIVE);
	try_robust_processes();
	try_rwlock();
	try_semaphore();
	try_condition();
	try_join();
	try_cancel("condition", cancel_condition);
	try_cancel("timed condition", cancel_timed_condition);
	try_cancel("semaphore", cancel_semaphore);
	try_cancel("join", cancel_join);
	try_cancel("pending", cancel_pending);
	try_cancel("join, pending", join_pending);
	try_c11();
	try_syscall();
	try_barrier();
	try_fork();
	return 0;
}
