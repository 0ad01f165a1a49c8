// Threads that hand on numbers under a mutex and conditions: right as it is, so a
// sanitizer has nothing to report.
#include <pthread.h>
#include <stdio.h>

enum { NUMBERS = 5000, THREADS = 3 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER,
		      emptied = PTHREAD_COND_INITIALIZER;
static int number;
static long sum;

static void *produce(void *unused)
{
	for (int i = 1; i <= NUMBERS; i++) {
		pthread_mutex_lock(&mutex);
		while (number != 0)
			pthread_cond_wait(&emptied, &mutex);
		number = i;
		pthread_cond_signal(&filled);
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

static void *consume(void *unused)
{
	for (int i = 0; i < NUMBERS; i++) {
		pthread_mutex_lock(&mutex);
		while (number == 0)
			pthread_cond_wait(&filled, &mutex);
		sum += number;
		number = 0;
		pthread_cond_signal(&emptied);
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

int main(void)
{
	pthread_t producers[THREADS], consumers[THREADS];

	for (int i = 0; i < THREADS; i++) {
		pthread_create(&producers[i], NULL, produce, NULL);
		pthread_create(&consumers[i], NULL, consume, NULL);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(producers[i], NULL);
		pthread_join(consumers[i], NULL);
	}
	printf("%ld\n", sum);
	return sum == (long)THREADS * NUMBERS * (NUMBERS + 1) / 2 ? 7 : 1;
}
