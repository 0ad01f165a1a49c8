// Loaded and unloaded by life.c.
#include <stdlib.h>

int life_library_work(int rounds)
{
	int done = 0;

	for (int i = 0; i < rounds; i++) {
		void *volatile block = malloc(10);

		free(block);
		done++;
	}
	return done;
}
