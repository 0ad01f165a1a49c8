// Threads that count together under a mutex, with memory from the heap: right as it is,
// so a sanitizer has nothing to report.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long count;

static void *run(void *unused)
{
	for (int i = 0; i < 20000; i++) {
		long *block = malloc(sizeof(*block));

		pthread_mutex_lock(&mutex);
		*block = ++count;
		pthread_mutex_unlock(&mutex);
		free(block);
	}
	return unused;
}

int main(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, run, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	printf("%ld\n", count);
	return count == 80000 ? 7 : 1;
}
