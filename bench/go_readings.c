// How long one reading of a Go program's heap and block profiles takes, and to make a
// profile of it: go_readings PID [ROUNDS]. For bench/go_readings.py. The least of all
// rounds is printed, since whatever else runs only adds.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "golang/blockprofile.h"
#include "golang/heap_profile.h"
#include "golang/memprofile.h"
#include "golang/process.h"
#include "profile/profile.h"

struct least {
	double read_ms, make_ms;
	size_t buckets;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void note(struct least *least, double start, double read, size_t buckets)
{
	double end = now_ms();

	least->buckets = buckets;
	if (read - start < least->read_ms)
		least->read_ms = read - start;
	if (end - read < least->make_ms)
		least->make_ms = end - read;
}

static bool heap(struct go_process *process, struct least *least, struct error *err)
{
	struct memprofile profile;
	double start = now_ms(), read;

	if (!memprofile_read(process, MEMPROFILE_PUBLISHED, &profile, err))
		return false;
	read = now_ms();
	profile_destroy(heap_profile_create(process, &profile, HEAP_PROFILE_INUSE));
	note(least, start, read, profile.count);
	memprofile_deinit(&profile);
	return true;
}

static bool waits(struct go_process *process, struct least *least, struct error *err)
{
	struct blockprofile profile;
	double start = now_ms(), read;

	if (!blockprofile_read(process, BLOCKPROFILE_BLOCK, &profile, err))
		return false;
	read = now_ms();
	profile_destroy(blockprofile_create(process, &profile));
	note(least, start, read, profile.count);
	blockprofile_deinit(&profile);
	return true;
}

static bool run(int pid, int rounds, struct error *err)
{
	struct least all[2] = { { 1e9, 1e9, 0 }, { 1e9, 1e9, 0 } };
	struct go_process *process;
	bool is_done = true;

	if (!go_process_open(pid, &process, err))
		return false;
	for (int i = 0; i < rounds && is_done; i++)
		is_done = heap(process, &all[0], err) && waits(process, &all[1], err);
	go_process_close(process);
	for (int i = 0; i < 2 && is_done; i++)
		printf("%s %zu %.3f %.3f\n", i == 0 ? "heap" : "block", all[i].buckets,
		       all[i].read_ms, all[i].make_ms);
	return is_done;
}

int main(int argc, char **argv)
{
	struct error err;

	if (argc < 2) {
		fputs("usage: go_readings PID [ROUNDS]\n", stderr);
		return 2;
	}
	if (run(atoi(argv[1]), argc > 2 ? atoi(argv[2]) : 20, &err))
		return 0;
	fprintf(stderr, "go_readings: %s\n", err.text);
	return 1;
}
