// m.curg of the thread's m, as sigprof in src/runtime/proc.go takes it. While the runtime
// works on a stack of its own for a goroutine (systemstack, cgo), m.curg stays.
#include "golang/current_goroutine.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"
#include "golang/field.h"
#include "golang/layout.h"
#include "golang/process.h"

enum {
	THREADS_LIMIT = 1 << 20,
	WALK_PAUSE_NS = 20000000, // between two looks for a thread that was not found
	HEAD_MAX = 4096,          // bytes of an m or a g
};

struct current_goroutine_reader {
	const struct go_process *process;
	uint64_t allm;
	struct map rows; // thread -> row of its m
	uint64_t *threads;
	size_t count, capacity;
	uint64_t walked_ns;
	int32_t m_size, g_size; // what is looked at
};

static int32_t max_of(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

struct current_goroutine_reader *current_goroutine_open(const struct go_process *process)
{
	const struct go_layout *l = process->layout;
	struct current_goroutine_reader *reader = table_zeroed(1, sizeof(*reader));

	reader->process = process;
	reader->allm = go_process_find(process, STR("runtime.allm"));
	reader->m_size = 8 + max_of(l->m.procid, max_of(l->m.curg, l->m.alllink));
	reader->g_size =
		8 + max_of(max_of(l->g.m, l->g.goid), max_of(l->g.labels, l->g.stack_hi));
	return reader;
}

void current_goroutine_close(struct current_goroutine_reader *reader)
{
	if (reader == NULL)
		return;
	map_deinit(&reader->rows);
	free(reader->threads);
	free(reader);
}

static void note_thread(struct current_goroutine_reader *reader, uint64_t m,
			uint64_t procid)
{
	uint32_t *row = map_put(&reader->rows, procid);

	if (*row == MAP_NONE) {
		reader->threads =
			table_reserve(reader->threads, &reader->capacity,
				      reader->count + 1, sizeof(*reader->threads));
		*row = (uint32_t)reader->count++;
	}
	reader->threads[*row] = m;
}

static void walk_threads(struct current_goroutine_reader *reader)
{
	const struct go_layout *l = reader->process->layout;
	uint64_t m = reader->allm == 0
			     ? 0
			     : go_process_read_number(reader->process, reader->allm, 8);
	uint8_t bytes[HEAD_MAX];

	reader->walked_ns = (uint64_t)clock_now_ns();
	for (size_t i = 0; m != 0 && i < THREADS_LIMIT; i++) {
		if (!memory_read(reader->process->memory, m, bytes,
				 (size_t)reader->m_size))
			return;
		note_thread(reader, m, field_u64(bytes, l->m.procid));
		m = field_u64(bytes, l->m.alllink);
	}
}

// An m may have been given to another thread since it was met.
static bool read_m(struct current_goroutine_reader *reader, uint64_t tid, uint64_t *m,
		   uint64_t *curg)
{
	const struct go_layout *l = reader->process->layout;
	uint32_t row = map_get(&reader->rows, tid);
	uint8_t bytes[HEAD_MAX];

	if (row == MAP_NONE)
		return false;
	*m = reader->threads[row];
	if (!memory_read(reader->process->memory, *m, bytes, (size_t)reader->m_size) ||
	    field_u64(bytes, l->m.procid) != tid)
		return false;
	*curg = field_u64(bytes, l->m.curg);
	return true;
}

static bool find_m(struct current_goroutine_reader *reader, uint64_t tid, uint64_t *m,
		   uint64_t *curg)
{
	if (read_m(reader, tid, m, curg))
		return true;
	if ((uint64_t)clock_now_ns() - reader->walked_ns < WALK_PAUSE_NS)
		return false;
	walk_threads(reader);
	return read_m(reader, tid, m, curg);
}

bool current_goroutine_read(struct current_goroutine_reader *reader, int tid,
			    struct current_goroutine *out)
{
	const struct go_layout *l = reader->process->layout;
	uint64_t m, curg;
	uint8_t g[HEAD_MAX];

	if (reader->m_size > HEAD_MAX || reader->g_size > HEAD_MAX ||
	    !find_m(reader, (uint64_t)tid, &m, &curg) || curg == 0 ||
	    !memory_read(reader->process->memory, curg, g, (size_t)reader->g_size) ||
	    field_u64(g, l->g.m) != m)
		return false;
	*out = (struct current_goroutine){
		.address = curg,
		.id = field_u64(g, l->g.goid),
		.labels = field_u64(g, l->g.labels),
		.stack_low = field_u64(g, l->g.stack_lo),
		.stack_high = field_u64(g, l->g.stack_hi),
	};
	return out->id != 0;
}
