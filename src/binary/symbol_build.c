// Builds the flat blocks of many units, on as many threads as it pays.
#include "binary/symbol_build.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "binary/dwarf.h"
#include "binary/symbol_unit.h"

enum { THREADS_MAX = 8, BYTES_PER_THREAD = 512 * 1024, LINE_TIMES_MAX = 16 };

struct job {
	const struct dwarf *dwarf;
	const struct radix_item *order; // units, the largest first
	size_t count;
	atomic_size_t next;
	struct symbol_unit **blocks;
	uint8_t *workers; // who built each unit, by unit
};

struct worker {
	struct job *job;
	struct symbol_unit_builder builder;
	pthread_t thread;
	uint8_t number;
};

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct job *job = worker->job;

	for (;;) {
		// Relaxed: only the number counts; results are published by pthread_join.
		size_t i = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);

		if (i >= job->count)
			return NULL;
		uint32_t unit = job->order[i].value;

		job->workers[unit] = worker->number;
		job->blocks[unit] = symbol_unit_build(&worker->builder, unit);
	}
}

// Large units first, so that no thread is left alone with one at the end.
static uint64_t order_by_size(const struct dwarf *dwarf, const uint32_t *units,
			      size_t count, struct radix_item *order)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		const struct dwarf_unit *unit = &dwarf->units[units[i]];
		uint64_t size = unit->limit - unit->offset;

		order[i] = (struct radix_item){ UINT64_MAX - size, units[i] };
		total += size;
	}
	radix_sort(order, order + count, count);
	return total;
}

static unsigned useful_threads(unsigned wanted, uint64_t bytes)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = wanted;

	if (threads == 0)
		threads = online > 0 ? (unsigned)online : 1;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	if (threads > bytes / BYTES_PER_THREAD + 1)
		threads = (unsigned)(bytes / BYTES_PER_THREAD) + 1;
	return threads;
}

static uint32_t append_strings(struct symbol_pool *pool,
			       const struct symbol_strings *strings)
{
	size_t start = pool->used;

	if (strings->used > UINT32_MAX - 2 - start)
		return UINT32_MAX;
	pool->bytes =
		table_reserve(pool->bytes, &pool->capacity, start + strings->used + 1, 1);
	if (strings->used > 0)
		memcpy(pool->bytes + start, strings->bytes, strings->used);
	pool->used += strings->used;
	return (uint32_t)start;
}

static void shift_strings(struct symbol_unit *unit, uint32_t shift)
{
	struct symbol_unit_view view = symbol_unit_view(unit);

	// A shift of -1 says that the pool is full: names get lost, lines do not.
	for (uint32_t i = 0; i < unit->function_count; i++)
		view.functions[i].name =
			shift == UINT32_MAX ? 0 : view.functions[i].name + shift;
	for (uint32_t i = 0; i < unit->file_count; i++)
		view.files[i] = shift == UINT32_MAX ? 0 : view.files[i] + shift;
}

static void run(struct worker *workers, unsigned threads)
{
	unsigned started = 1;

	while (started < threads && pthread_create(&workers[started].thread, NULL, work,
						   &workers[started]) == 0)
		started++;
	work(&workers[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(workers[i].thread, NULL);
}

void symbol_build(const struct dwarf *dwarf, const uint32_t *units, size_t count,
		  unsigned threads, struct symbol_unit **blocks, struct symbol_pool *pool,
		  uint32_t shift)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct radix_item *order = arena_array(&arena, 2 * count, sizeof(*order));
	struct worker *workers = arena_array(&arena, THREADS_MAX, sizeof(*workers));
	uint32_t shifts[THREADS_MAX];
	struct job job = { .dwarf = dwarf,
			   .order = order,
			   .count = count,
			   .blocks = blocks,
			   .workers = arena_array(&arena, dwarf->unit_count, 1) };

	threads = useful_threads(threads, order_by_size(dwarf, units, count, order));
	for (unsigned i = 0; i < threads; i++) {
		workers[i].job = &job;
		workers[i].number = (uint8_t)i;
		workers[i].builder.dwarf = dwarf;
		workers[i].builder.budget = dwarf_ranges_budget_for(dwarf);
		workers[i].builder.line_budget = dwarf->line.n * LINE_TIMES_MAX;
	}
	run(workers, threads);
	for (unsigned i = 0; i < threads; i++) {
		shifts[i] = append_strings(pool, &workers[i].builder.strings);
		if (shifts[i] != UINT32_MAX)
			shifts[i] = shifts[i] > UINT32_MAX - 2 - shift
					    ? UINT32_MAX
					    : shifts[i] + shift;
		symbol_unit_builder_deinit(&workers[i].builder);
	}
	for (size_t i = 0; i < count; i++)
		shift_strings(blocks[units[i]], shifts[job.workers[units[i]]]);
}
