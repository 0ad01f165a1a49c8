// Times walks of a stack of 30 frames against glibc's backtrace() and libunwind, and the
// building of tables: bench/unwind [FILE...].
#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "binary/elf.h"
#include "unwind/table.h"
#include "unwind/unwind.h"

enum { DEPTH = 30, FRAMES = 64, SAMPLES = 300, BATCH = 50, MAPPINGS = 64 };
enum { COLD_BYTES = 6 << 20 };

struct bench {
	struct unwind_mapping mappings[MAPPINGS];
	struct unwind_space space;
	struct unwind_cache cache, direct;
	int (*libunwind)(void **, int);
	uint8_t *noise;
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static bool own_read(const struct memory *memory, uint64_t address, void *buffer,
		     size_t size)
{
	(void)memory;
	memcpy(buffer, (const void *)address, size);
	return true;
}

static const struct memory own_memory = { own_read };

static __attribute__((noinline)) int walk(struct bench *b, struct unwind_cache *cache)
{
	struct unwind_registers r = { .known = 1u << UNWIND_RBP | 1u << UNWIND_RSP |
					       1u << UNWIND_RIP };
	uint64_t pcs[FRAMES];
	bool is_exact[FRAMES];
	enum unwind_end end;

	__asm__ volatile("mov %%rbp, %0\n\tmov %%rsp, %1\n\tlea 0(%%rip), %2"
			 : "=m"(r.value[UNWIND_RBP]), "=m"(r.value[UNWIND_RSP]),
			   "=r"(r.value[UNWIND_RIP]));
	return (int)unwind_walk_cached(&b->space, &own_memory, cache, &r, pcs, is_exact,
				       FRAMES, &end);
}

static int by_rows(struct bench *b)
{
	return walk(b, NULL);
}

static int by_cache(struct bench *b)
{
	return walk(b, &b->cache);
}

// As libgoprof does with the stack of its own thread.
static int by_direct(struct bench *b)
{
	b->direct.direct_start = (uint64_t)__builtin_frame_address(0) & ~(uint64_t)4095;
	b->direct.direct_limit = b->direct.direct_start + (256 << 10);
	return walk(b, &b->direct);
}

static int by_glibc(struct bench *b)
{
	void *pcs[FRAMES];

	(void)b;
	return backtrace(pcs, FRAMES);
}

static int by_libunwind(struct bench *b)
{
	void *pcs[FRAMES];

	return b->libunwind == NULL ? 0 : b->libunwind(pcs, FRAMES);
}

static int compare(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) -
	       (*(const double *)a < *(const double *)b);
}

static double median(double *times)
{
	qsort(times, SAMPLES, sizeof(times[0]), compare);
	return times[SAMPLES / 2];
}

// Of batches, so that the clock and other programs do not count.
static double hot_median(struct bench *b, int (*method)(struct bench *))
{
	static double times[SAMPLES];

	for (int i = 0; i < SAMPLES; i++) {
		double start = now_ns();

		for (int k = 0; k < BATCH; k++)
			method(b);
		times[i] = (now_ns() - start) / BATCH;
	}
	return median(times);
}

static double cold_median(struct bench *b, int (*method)(struct bench *))
{
	static double times[SAMPLES];

	for (int i = 0; i < SAMPLES; i++) {
		for (size_t at = 0; at < COLD_BYTES; at += 64)
			b->noise[at]++;

		double start = now_ns();

		method(b);
		times[i] = now_ns() - start;
	}
	return median(times);
}

static void measure(struct bench *b, const char *name, int (*method)(struct bench *))
{
	int frames = method(b);

	if (frames > 0)
		printf("%-22s %3d frames, hot %6.1f ns a frame, cold %6.1f\n", name,
		       frames, hot_median(b, method) / frames,
		       cold_median(b, method) / frames);
}

static __attribute__((noinline)) void descend(struct bench *b, int depth)
{
	if (depth > 0) {
		descend(b, depth - 1);
		__asm__ volatile("");
		return;
	}
	measure(b, "rows", by_rows);
	measure(b, "rows and cache", by_cache);
	measure(b, "rows, cache, own stack", by_direct);
	measure(b, "glibc backtrace", by_glibc);
	measure(b, "libunwind", by_libunwind);
}

static void add_mapping(struct bench *b, const char *line)
{
	unsigned long start, limit, offset;
	char mode[8], path[512] = "";
	struct error err;
	struct elf *elf;
	uint64_t address;

	sscanf(line, "%lx-%lx %7s %lx %*s %*s %511s", &start, &limit, mode, &offset,
	       path);
	if (mode[2] != 'x' || path[0] != '/' || b->space.count == MAPPINGS ||
	    !elf_open(path, &elf, &err) || !elf_address_of_offset(elf, offset, &address))
		return;
	b->mappings[b->space.count++] =
		(struct unwind_mapping){ start, limit, start - address,
					 unwind_table_create(elf) };
}

static void time_build(const char *path)
{
	struct error err;
	struct elf *elf;
	double best = 1e18;
	struct unwind_table_stats stats = { 0 };

	if (!elf_open(path, &elf, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return;
	}
	for (int i = 0; i < 5; i++) {
		double start = now_ns();
		struct unwind_table *table = unwind_table_create(elf);
		double taken = now_ns() - start;

		if (table == NULL)
			break;
		best = taken < best ? taken : best;
		stats = unwind_table_stats(table);
		unwind_table_destroy(table);
	}
	elf_close(elf);
	printf("%s: %zu functions, %zu rows, %zu KB, %zu damaged, %.2f ms, %.1f M "
	       "rows/s\n",
	       path, stats.functions, stats.rows, stats.bytes / 1024, stats.damaged,
	       best / 1e6, (double)stats.rows / best * 1e3);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	char line[1024];
	FILE *maps = fopen("/proc/self/maps", "r");
	void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);

	bench.noise = calloc(1, COLD_BYTES);
	bench.space.mappings = bench.mappings;
	if (library != NULL)
		*(void **)&bench.libunwind = dlsym(library, "unw_backtrace");
	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		add_mapping(&bench, line);
	if (maps != NULL)
		fclose(maps);
	descend(&bench, DEPTH - 5);
	for (int i = 1; i < argc; i++)
		time_build(argv[i]);
	free(bench.noise);
	return 0;
}
