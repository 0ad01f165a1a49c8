// Uses all of goprof.h; writes profiles into the folder that is its argument.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "goprof.h"

#define CHECK(condition)                                                            \
	do {                                                                        \
		if (!(condition)) {                                                 \
			printf("%d: %s (errno %d)\n", __LINE__, #condition, errno); \
			return 1;                                                   \
		}                                                                   \
	} while (0)

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static __attribute__((noipa)) uint64_t spin(double seconds)
{
	double end = cpu_seconds() + seconds;
	uint64_t x = 1;

	while (cpu_seconds() < end) {
		for (int i = 0; i < 10000; i++)
			x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
	}
	return x;
}

static __attribute__((noipa)) int use_labels(void)
{
	CHECK(goprof_label_push("request", "slow") == 0);
	spin(0.2);
	CHECK(goprof_label_push("step", "inner") == 0);
	spin(0.2);
	goprof_label_pop();
	goprof_label_pop();
	goprof_label_pop();
	spin(0.2);
	for (int i = 0; i < 32; i++)
		CHECK(goprof_label_push("many", "x") == 0);
	CHECK(goprof_label_push("many", "x") == -1 && errno == ENOSPC);
	for (int i = 0; i < 32; i++)
		goprof_label_pop();
	return 0;
}

static int use_cpu(void)
{
	int fd;

	CHECK(goprof_stop_cpu_profile(NULL) == -1 && errno == EINVAL);
	CHECK(goprof_start_cpu_profile(500) == 0);
	CHECK(goprof_start_cpu_profile(500) == -1 && errno == EBUSY);
	CHECK(use_labels() == 0);
	CHECK(goprof_stop_cpu_profile("labels.pb.gz") == 0);
	CHECK(goprof_start_cpu_profile(0) == 0);
	spin(0.1);
	fd = open("second.pb.gz", O_WRONLY | O_CREAT | O_TRUNC, 0666);
	CHECK(fd >= 0 && goprof_stop_cpu_profile_fd(fd) == 0);
	close(fd);
	return 0;
}

static __attribute__((noipa)) int open_things(struct goprof_profile *things, char *values)
{
	for (int i = 0; i < 5; i++)
		CHECK(goprof_profile_add(things, values + i) == 0);
	return 0;
}

static int use_custom(void)
{
	struct goprof_profile *things = goprof_profile_new("things");
	char values[5];

	CHECK(things != NULL && goprof_profile_new("things") == things);
	CHECK(open_things(things, values) == 0);
	goprof_profile_remove(things, values);
	goprof_profile_remove(things, values);
	CHECK(goprof_write_profile("things", "things.pb.gz") == 0);
	return 0;
}

static int use_heap(void)
{
	struct goprof_memory_stats before, after;
	void *volatile block;

	CHECK(goprof_set_rate("heap", 1) == 0);
	CHECK(goprof_set_rate("nothing", 1) == -1 && errno == ENOENT);
	// A thread notices within a megabyte that the rate has changed.
	block = malloc(2 << 20);
	free(block);
	CHECK(goprof_memory_stats(&before) == 0);
	block = malloc(12345);
	CHECK(goprof_memory_stats(&after) == 0);
	CHECK(after.heap_alloc - before.heap_alloc == 12345);
	CHECK(after.heap_objects - before.heap_objects == 1);
	CHECK(after.resident > 0 && after.peak_resident >= after.resident / 2);
	CHECK(goprof_write_profile("heap", "heap.pb.gz") == 0);
	CHECK(goprof_write_profile("heap", "/nonexistent/heap.pb.gz") == -1);
	CHECK(errno == ENOENT);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || chdir(argv[1]) != 0)
		return 2;
	CHECK(goprof_write_profile("heap", "none.pb.gz") == -1 && errno == ENOENT);
	return use_cpu() || use_custom() || use_heap();
}
