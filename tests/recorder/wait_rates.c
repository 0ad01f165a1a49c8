// The rates of waits at run time: only what is waited for while a profile is on is in it.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "goprof.h"

#define APART __attribute__((noipa))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int ready[2];

static void *run_holder(void *unused)
{
	pthread_mutex_lock(&mutex);
	if (write(ready[1], "", 1) != 1)
		exit(1);
	usleep(20000);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void wait_once(void)
{
	pthread_t holder;
	char byte;

	pthread_create(&holder, NULL, run_holder, NULL);
	if (read(ready[0], &byte, 1) != 1)
		exit(1);
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	usleep(10000);
	pthread_join(holder, NULL);
}

APART static void wait_before(void)
{
	wait_once();
	printf("before\n");
}

APART static void wait_counted(void)
{
	wait_once();
	printf("counted\n");
}

APART static void wait_after(void)
{
	wait_once();
	printf("after\n");
}

static void check(const char *what, int result)
{
	if (result == 0)
		return;
	perror(what);
	exit(1);
}

int main(int argc, char **argv)
{
	char path[1024];

	if (argc < 2 || pipe(ready) != 0)
		return 2;
	wait_before();
	check("block", goprof_set_rate("block", 1));
	check("mutex", goprof_set_rate("mutex", 1));
	wait_counted();
	check("block", goprof_set_rate("block", 0));
	check("mutex", goprof_set_rate("mutex", 0));
	wait_after();
	snprintf(path, sizeof(path), "%s/b.pb.gz", argv[1]);
	check(path, goprof_write_profile("block", path));
	snprintf(path, sizeof(path), "%s/m.pb.gz", argv[1]);
	check(path, goprof_write_profile("mutex", path));
	return 0;
}
