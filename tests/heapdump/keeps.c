/* Keeps a list and loses a block, says so, and waits; other threads change the heap. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "goprof.h"

struct node {
	struct node *next;
	char text[24];
};

struct node *head;
static void *volatile lost;

static __attribute__((noinline)) void build(void)
{
	for (int i = 0; i < 1000; i++) {
		struct node *node = calloc(1, sizeof(*node));

		node->next = head;
		strcpy(node->text, "a secret of keeps");
		head = node;
	}
	lost = malloc(100);
	lost = NULL;
}

static void *churn(void *argument)
{
	for (;;)
		free(calloc(1, 10 + (size_t)(rand_r(argument) % 500)));
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned seeds[2] = { 1, 2 };
	pthread_t threads[2];

	build();
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, churn, &seeds[i]);
	for (int i = 0; argc > 1 && i < 20; i++) {
		FILE *file = fopen(argv[1], "w");

		if (file == NULL || goprof_write_heapdump(fileno(file)) != 0)
			perror("goprof_write_heapdump");
		if (file != NULL)
			fclose(file);
	}
	puts("ready");
	fflush(stdout);
	return getchar() == EOF;
}
