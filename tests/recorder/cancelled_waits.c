// Threads that are cancelled while they wait, each in another function. Says "truth NAME
// count nanoseconds" of what each has waited until it was on its way out.
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define APART __attribute__((noipa))

struct scene {
	pthread_mutex_t mutex;
	pthread_cond_t condition;
	mtx_t c11_mutex;
	cnd_t c11_condition;
	sem_t semaphore;
	pthread_t sleeper;
	int64_t began_ns, waited_ns;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void leave(void *argument)
{
	struct scene *scene = argument;

	scene->waited_ns = now_ns() - scene->began_ns;
}

static void unlock(void *mutex)
{
	pthread_mutex_unlock(mutex);
}

static void unlock_c11(void *mutex)
{
	mtx_unlock(mutex);
}

static APART void wait_semaphore(struct scene *scene)
{
	while (sem_wait(&scene->semaphore) != 0)
		;
}

static APART void wait_timed_semaphore(struct scene *scene)
{
	struct timespec until = { .tv_sec = time(NULL) + 1000 };

	while (sem_timedwait(&scene->semaphore, &until) != 0)
		;
}

static APART void wait_condition(struct scene *scene)
{
	pthread_mutex_lock(&scene->mutex);
	pthread_cleanup_push(unlock, &scene->mutex);
	while (pthread_cond_wait(&scene->condition, &scene->mutex) == 0)
		;
	pthread_cleanup_pop(1);
}

static APART void wait_timed_condition(struct scene *scene)
{
	struct timespec until = { .tv_sec = time(NULL) + 1000 };

	pthread_mutex_lock(&scene->mutex);
	pthread_cleanup_push(unlock, &scene->mutex);
	while (pthread_cond_timedwait(&scene->condition, &scene->mutex, &until) == 0)
		;
	pthread_cleanup_pop(1);
}

static APART void wait_c11_condition(struct scene *scene)
{
	mtx_lock(&scene->c11_mutex);
	pthread_cleanup_push(unlock_c11, &scene->c11_mutex);
	while (cnd_wait(&scene->c11_condition, &scene->c11_mutex) == thrd_success)
		;
	pthread_cleanup_pop(1);
}

static APART void wait_join(struct scene *scene)
{
	pthread_join(scene->sleeper, NULL);
	__asm__ volatile("" ::: "memory");
}

static const struct part {
	const char *name;
	void (*wait)(struct scene *scene);
} parts[] = {
	{ "wait_semaphore", wait_semaphore },
	{ "wait_timed_semaphore", wait_timed_semaphore },
	{ "wait_condition", wait_condition },
	{ "wait_timed_condition", wait_timed_condition },
	{ "wait_c11_condition", wait_c11_condition },
	{ "wait_join", wait_join },
};

static const struct part *part;
static struct scene scene;

static void *run(void *unused)
{
	pthread_cleanup_push(leave, &scene);
	scene.began_ns = now_ns();
	part->wait(&scene);
	pthread_cleanup_pop(0);
	return unused;
}

static void *sleep_long(void *unused)
{
	pause();
	return unused;
}

int main(void)
{
	pthread_mutex_init(&scene.mutex, NULL);
	pthread_cond_init(&scene.condition, NULL);
	mtx_init(&scene.c11_mutex, mtx_plain);
	cnd_init(&scene.c11_condition);
	sem_init(&scene.semaphore, 0, 0);
	pthread_create(&scene.sleeper, NULL, sleep_long, NULL);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		pthread_t thread;
		void *value;

		part = &parts[i];
		pthread_create(&thread, NULL, run, NULL);
		usleep(200000);
		pthread_cancel(thread);
		pthread_join(thread, &value);
		if (value != PTHREAD_CANCELED)
			return 1;
		printf("truth %s 1 %lld\n", part->name, (long long)scene.waited_ns);
	}
	return 0;
}
