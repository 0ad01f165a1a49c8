// Waits of known length by everything that C threads wait with. Each scene has a thread
// that waits and one that makes it wait; both say what they saw: "truth NAME COUNT
// NANOSECONDS", of functions wait_* for the block profile, hold_* for the mutex profile.
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 10, PAUSE_MS = 30 };

#define APART __attribute__((noipa))

struct scene;

struct role {
	const char *name;
	void (*run)(struct scene *scene);
};

struct scene {
	struct role wait, hold;
	pthread_mutex_t mutex, recursive;
	pthread_rwlock_t rwlock;
	pthread_cond_t condition;
	pthread_barrier_t barrier;
	sem_t semaphore;
	mtx_t mtx;
	cnd_t cnd;
	_Atomic int word;
	pthread_t sleeper;
	thrd_t c11_sleeper;
	int ready[2], go[2];
	_Atomic int64_t since_ns;
	int64_t waited_ns, held_ns;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void pause_ms(int ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) != 0)
		;
}

static struct timespec later(clockid_t clock, int ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += (t.tv_nsec / 1000000 + ms) / 1000;
	t.tv_nsec = t.tv_nsec % 1000000 + (t.tv_nsec / 1000000 + ms) % 1000 * 1000000;
	return t;
}

// Pipes are no waits.
static void tell(const int *pipe_ends)
{
	if (write(pipe_ends[1], "", 1) != 1)
		exit(1);
}

static void hear(const int *pipe_ends)
{
	char byte;

	if (read(pipe_ends[0], &byte, 1) != 1)
		exit(1);
}

static void begin(struct scene *s)
{
	s->since_ns = now_ns();
}

static void end(struct scene *s, int result, int expected)
{
	s->waited_ns += now_ns() - s->since_ns;
	if (result != expected) {
		printf("%s: %d, not %d\n", s->wait.name, result, expected);
		exit(1);
	}
}

// The holder has the lock and lets the waiter come.
static void let_wait(struct scene *s)
{
	tell(s->ready);
	pause_ms(PAUSE_MS);
	s->held_ns += now_ns() - s->since_ns;
}

APART static void wait_mutex(struct scene *s)
{
	hear(s->ready);
	begin(s);
	end(s, pthread_mutex_lock(&s->mutex), 0);
	pthread_mutex_unlock(&s->mutex);
}

APART static void hold_mutex(struct scene *s)
{
	pthread_mutex_lock(&s->mutex);
	let_wait(s);
	pthread_mutex_unlock(&s->mutex);
	hear(s->go);
}

APART static void wait_timedlock(struct scene *s)
{
	struct timespec until = later(CLOCK_REALTIME, 5000);

	hear(s->ready);
	begin(s);
	end(s, pthread_mutex_timedlock(&s->mutex, &until), 0);
	pthread_mutex_unlock(&s->mutex);
}

APART static void hold_timedlock(struct scene *s)
{
	pthread_mutex_lock(&s->mutex);
	let_wait(s);
	pthread_mutex_unlock(&s->mutex);
	hear(s->go);
}

// Nobody is charged: the holder unlocks when nobody waits any more.
APART static void wait_clocklock(struct scene *s)
{
	struct timespec until;

	hear(s->ready);
	until = later(CLOCK_MONOTONIC, PAUSE_MS);
	begin(s);
	end(s, pthread_mutex_clocklock(&s->mutex, CLOCK_MONOTONIC, &until), ETIMEDOUT);
}

APART static void keep_clocklock(struct scene *s)
{
	pthread_mutex_lock(&s->mutex);
	tell(s->ready);
	hear(s->go);
	pthread_mutex_unlock(&s->mutex);
}

APART static void wait_recursive(struct scene *s)
{
	hear(s->ready);
	begin(s);
	end(s, pthread_mutex_lock(&s->recursive), 0);
	pthread_mutex_lock(&s->recursive);
	pthread_mutex_unlock(&s->recursive);
	pthread_mutex_unlock(&s->recursive);
}

APART static void hold_recursive(struct scene *s)
{
	pthread_mutex_lock(&s->recursive);
	pthread_mutex_lock(&s->recursive);
	pthread_mutex_unlock(&s->recursive);
	let_wait(s);
	pthread_mutex_unlock(&s->recursive);
	hear(s->go);
}

APART static void wait_rdlock(struct scene *s)
{
	hear(s->ready);
	begin(s);
	end(s, pthread_rwlock_rdlock(&s->rwlock), 0);
	pthread_rwlock_unlock(&s->rwlock);
}

APART static void hold_wrlock(struct scene *s)
{
	pthread_rwlock_wrlock(&s->rwlock);
	let_wait(s);
	pthread_rwlock_unlock(&s->rwlock);
	hear(s->go);
}

APART static void wait_wrlock(struct scene *s)
{
	hear(s->ready);
	begin(s);
	end(s, pthread_rwlock_wrlock(&s->rwlock), 0);
	pthread_rwlock_unlock(&s->rwlock);
}

APART static void hold_rdlock(struct scene *s)
{
	pthread_rwlock_rdlock(&s->rwlock);
	let_wait(s);
	pthread_rwlock_unlock(&s->rwlock);
	hear(s->go);
}

APART static void wait_timedrdlock(struct scene *s)
{
	struct timespec until = later(CLOCK_REALTIME, 5000);

	hear(s->ready);
	begin(s);
	end(s, pthread_rwlock_timedrdlock(&s->rwlock, &until), 0);
	pthread_rwlock_unlock(&s->rwlock);
}

APART static void hold_timedrdlock(struct scene *s)
{
	pthread_rwlock_wrlock(&s->rwlock);
	let_wait(s);
	pthread_rwlock_unlock(&s->rwlock);
	hear(s->go);
}

APART static void wait_clockwrlock(struct scene *s)
{
	struct timespec until;

	hear(s->ready);
	until = later(CLOCK_MONOTONIC, PAUSE_MS);
	begin(s);
	end(s, pthread_rwlock_clockwrlock(&s->rwlock, CLOCK_MONOTONIC, &until),
	    ETIMEDOUT);
}

APART static void keep_clockwrlock(struct scene *s)
{
	pthread_rwlock_rdlock(&s->rwlock);
	tell(s->ready);
	hear(s->go);
	pthread_rwlock_unlock(&s->rwlock);
}

APART static void wait_condition(struct scene *s)
{
	hear(s->ready);
	pthread_mutex_lock(&s->mutex);
	tell(s->go);
	begin(s);
	while (s->word == 0)
		end(s, pthread_cond_wait(&s->condition, &s->mutex), 0);
	s->word = 0;
	pthread_mutex_unlock(&s->mutex);
}

APART static void signal_condition(struct scene *s)
{
	tell(s->ready);
	hear(s->go);
	pthread_mutex_lock(&s->mutex);
	pthread_mutex_unlock(&s->mutex);
	pause_ms(PAUSE_MS);
	pthread_mutex_lock(&s->mutex);
	s->word = 1;
	pthread_mutex_unlock(&s->mutex);
	pthread_cond_signal(&s->condition);
	hear(s->go);
}

APART static void wait_timedwait(struct scene *s)
{
	struct timespec until = later(CLOCK_REALTIME, PAUSE_MS);

	pthread_mutex_lock(&s->mutex);
	begin(s);
	end(s, pthread_cond_timedwait(&s->condition, &s->mutex, &until), ETIMEDOUT);
	pthread_mutex_unlock(&s->mutex);
}

APART static void wait_clockwait(struct scene *s)
{
	struct timespec until = later(CLOCK_MONOTONIC, PAUSE_MS);

	pthread_mutex_lock(&s->mutex);
	begin(s);
	end(s, pthread_cond_clockwait(&s->condition, &s->mutex, CLOCK_MONOTONIC, &until),
	    ETIMEDOUT);
	pthread_mutex_unlock(&s->mutex);
}

static void do_nothing(struct scene *s)
{
	hear(s->go);
}

APART static void wait_for_waiter(struct scene *s)
{
	hear(s->ready);
	begin(s);
	end(s, pthread_mutex_lock(&s->mutex), 0);
	s->word = 1;
	pthread_cond_signal(&s->condition);
	pthread_mutex_unlock(&s->mutex);
}

// What waits for a condition holds its mutex until then.
APART static void hold_then_wait(struct scene *s)
{
	pthread_mutex_lock(&s->mutex);
	let_wait(s);
	while (s->word == 0)
		pthread_cond_wait(&s->condition, &s->mutex);
	s->word = 0;
	pthread_mutex_unlock(&s->mutex);
	hear(s->go);
}

APART static void wait_semaphore(struct scene *s)
{
	tell(s->go);
	begin(s);
	end(s, sem_wait(&s->semaphore), 0);
}

APART static void post_semaphore(struct scene *s)
{
	hear(s->go);
	pause_ms(PAUSE_MS);
	sem_post(&s->semaphore);
	hear(s->go);
}

APART static void wait_sem_timed(struct scene *s)
{
	struct timespec until = later(CLOCK_REALTIME, PAUSE_MS);

	begin(s);
	errno = 0;
	end(s, sem_timedwait(&s->semaphore, &until) == -1 ? errno : 0, ETIMEDOUT);
}

APART static void wait_sem_clock(struct scene *s)
{
	struct timespec until = later(CLOCK_MONOTONIC, PAUSE_MS);

	begin(s);
	errno = 0;
	end(s, sem_clockwait(&s->semaphore, CLOCK_MONOTONIC, &until) == -1 ? errno : 0,
	    ETIMEDOUT);
}

APART static void wait_barrier(struct scene *s)
{
	tell(s->go);
	begin(s);
	end(s, pthread_barrier_wait(&s->barrier), 0);
}

APART static void come_last(struct scene *s)
{
	hear(s->go);
	pause_ms(PAUSE_MS);
	if (pthread_barrier_wait(&s->barrier) != PTHREAD_BARRIER_SERIAL_THREAD)
		exit(1);
	hear(s->go);
}

static void *run_sleeper(void *unused)
{
	pause_ms(PAUSE_MS);
	return unused;
}

static int run_c11_sleeper(void *unused)
{
	(void)unused;
	pause_ms(PAUSE_MS);
	return 0;
}

APART static void wait_join(struct scene *s)
{
	pthread_create(&s->sleeper, NULL, run_sleeper, NULL);
	begin(s);
	end(s, pthread_join(s->sleeper, NULL), 0);
}

APART static void wait_timedjoin(struct scene *s)
{
	struct timespec until = later(CLOCK_REALTIME, 5000);

	pthread_create(&s->sleeper, NULL, run_sleeper, NULL);
	begin(s);
	end(s, pthread_timedjoin_np(s->sleeper, NULL, &until), 0);
}

APART static void wait_thrd_join(struct scene *s)
{
	thrd_create(&s->c11_sleeper, run_c11_sleeper, NULL);
	begin(s);
	end(s, thrd_join(s->c11_sleeper, NULL), thrd_success);
}

APART static void wait_mtx(struct scene *s)
{
	hear(s->ready);
	begin(s);
	end(s, mtx_lock(&s->mtx), thrd_success);
	mtx_unlock(&s->mtx);
}

APART static void hold_mtx(struct scene *s)
{
	mtx_lock(&s->mtx);
	let_wait(s);
	mtx_unlock(&s->mtx);
	hear(s->go);
}

APART static void wait_mtx_timed(struct scene *s)
{
	struct timespec until;

	hear(s->ready);
	until = later(CLOCK_REALTIME, PAUSE_MS);
	begin(s);
	end(s, mtx_timedlock(&s->mtx, &until), thrd_timedout);
}

APART static void keep_mtx(struct scene *s)
{
	mtx_lock(&s->mtx);
	tell(s->ready);
	hear(s->go);
	mtx_unlock(&s->mtx);
}

APART static void wait_cnd(struct scene *s)
{
	hear(s->ready);
	mtx_lock(&s->mtx);
	tell(s->go);
	begin(s);
	while (s->word == 0)
		end(s, cnd_wait(&s->cnd, &s->mtx), thrd_success);
	s->word = 0;
	mtx_unlock(&s->mtx);
}

APART static void signal_cnd(struct scene *s)
{
	tell(s->ready);
	hear(s->go);
	mtx_lock(&s->mtx);
	mtx_unlock(&s->mtx);
	pause_ms(PAUSE_MS);
	mtx_lock(&s->mtx);
	s->word = 1;
	mtx_unlock(&s->mtx);
	cnd_signal(&s->cnd);
	hear(s->go);
}

APART static void wait_cnd_timed(struct scene *s)
{
	struct timespec until = later(CLOCK_REALTIME, PAUSE_MS);

	mtx_lock(&s->mtx);
	begin(s);
	end(s, cnd_timedwait(&s->cnd, &s->mtx, &until), thrd_timedout);
	mtx_unlock(&s->mtx);
}

APART static void wait_futex(struct scene *s)
{
	tell(s->go);
	begin(s);
	end(s, (int)syscall(SYS_futex, &s->word, FUTEX_WAIT_PRIVATE, 0, NULL), 0);
}

APART static void wake_futex(struct scene *s)
{
	hear(s->go);
	pause_ms(PAUSE_MS);
	syscall(SYS_futex, &s->word, FUTEX_WAKE_PRIVATE, 1);
	hear(s->go);
}

#define ROLE(function)              \
	{                           \
#function, function \
	}

static struct scene scenes[] = {
	{ .wait = ROLE(wait_mutex), .hold = ROLE(hold_mutex) },
	{ .wait = ROLE(wait_timedlock), .hold = ROLE(hold_timedlock) },
	{ .wait = ROLE(wait_clocklock), .hold = ROLE(keep_clocklock) },
	{ .wait = ROLE(wait_recursive), .hold = ROLE(hold_recursive) },
	{ .wait = ROLE(wait_rdlock), .hold = ROLE(hold_wrlock) },
	{ .wait = ROLE(wait_wrlock), .hold = ROLE(hold_rdlock) },
	{ .wait = ROLE(wait_timedrdlock), .hold = ROLE(hold_timedrdlock) },
	{ .wait = ROLE(wait_clockwrlock), .hold = ROLE(keep_clockwrlock) },
	{ .wait = ROLE(wait_condition), .hold = ROLE(signal_condition) },
	{ .wait = ROLE(wait_timedwait), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_clockwait), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_semaphore), .hold = ROLE(post_semaphore) },
	{ .wait = ROLE(wait_sem_timed), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_sem_clock), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_barrier), .hold = ROLE(come_last) },
	{ .wait = ROLE(wait_join), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_timedjoin), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_thrd_join), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_mtx), .hold = ROLE(hold_mtx) },
	{ .wait = ROLE(wait_mtx_timed), .hold = ROLE(keep_mtx) },
	{ .wait = ROLE(wait_cnd), .hold = ROLE(signal_cnd) },
	{ .wait = ROLE(wait_cnd_timed), .hold = ROLE(do_nothing) },
	{ .wait = ROLE(wait_futex), .hold = ROLE(wake_futex) },
	{ .wait = ROLE(wait_for_waiter), .hold = ROLE(hold_then_wait) },
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static void *run_waiter(void *argument)
{
	struct scene *scene = argument;

	for (int i = 0; i < ROUNDS; i++) {
		scene->wait.run(scene);
		tell(scene->go);
	}
	return NULL;
}

static void *run_holder(void *argument)
{
	struct scene *scene = argument;

	for (int i = 0; i < ROUNDS; i++)
		scene->hold.run(scene);
	return NULL;
}

static void prepare(struct scene *scene)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&scene->mutex, NULL);
	pthread_mutex_init(&scene->recursive, &attributes);
	pthread_rwlock_init(&scene->rwlock, NULL);
	pthread_cond_init(&scene->condition, NULL);
	pthread_barrier_init(&scene->barrier, NULL, 2);
	sem_init(&scene->semaphore, 0, 0);
	mtx_init(&scene->mtx, mtx_timed);
	cnd_init(&scene->cnd);
	if (pipe(scene->ready) != 0 || pipe(scene->go) != 0)
		exit(1);
}

// What the recorder meets for the first time takes it a while.
static void warm_up(void)
{
	struct timespec until = later(CLOCK_REALTIME, 1);
	sem_t semaphore;

	sem_init(&semaphore, 0, 0);
	sem_timedwait(&semaphore, &until);
}

int main(void)
{
	pthread_t threads[SCENES][2];

	warm_up();
	for (int i = 0; i < SCENES; i++) {
		prepare(&scenes[i]);
		pthread_create(&threads[i][0], NULL, run_waiter, &scenes[i]);
		pthread_create(&threads[i][1], NULL, run_holder, &scenes[i]);
	}
	for (int i = 0; i < SCENES; i++) {
		pthread_join(threads[i][0], NULL);
		pthread_join(threads[i][1], NULL);
		printf("truth %s %d %ld\n", scenes[i].wait.name, ROUNDS,
		       (long)scenes[i].waited_ns);
		if (scenes[i].held_ns != 0)
			printf("truth %s %d %ld\n", scenes[i].hold.name, ROUNDS,
			       (long)scenes[i].held_ns);
	}
	return 0;
}
