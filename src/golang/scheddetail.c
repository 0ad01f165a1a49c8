// Source: schedtrace in src/runtime/proc.go.
//
// Structures that point to each other are read one after the other: members for ids hold
// addresses first, behind which the ids are then read all at once.
#include "golang/scheddetail.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "golang/field.h"
#include "golang/goroutine_facts.h"
#include "golang/goroutines.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "golang/records.h"
#include "golang/schedtrace.h"

enum {
	THREADS_LIMIT = 1 << 17,
	TEXT_LIMIT = 64, // bytes of m.preemptoff
	ID_SIZE = 8,
};

// One structure, or one id, of many.
struct wants {
	struct record_want *items;
	uint8_t *bytes; // of all, in the order they were wanted
	size_t item_capacity, byte_capacity;
};

struct scheddetail_reader {
	struct go_process *process;
	const struct go_layout *layout;
	uint64_t allm;
	int32_t thread_size, goroutine_size; // of an M and a G, what is looked at
	struct goroutine_facts facts;
	struct records records;
	struct wants wants;
	uint8_t *thread; // bytes of one M
	int64_t **ids;   // members that still hold addresses
	size_t id_count, id_capacity;
	size_t thread_capacity, goroutine_capacity, processor_capacity;
	struct arena texts;
	struct scheddetail detail;
};

static int32_t max_of(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

// What could not be read is zeros.
static void read_wants(struct scheddetail_reader *reader, const uint64_t *addresses,
		       size_t count, size_t size)
{
	struct wants *wants = &reader->wants;

	wants->items = table_reserve(wants->items, &wants->item_capacity, count,
				     sizeof(*wants->items));
	wants->bytes =
		table_reserve(wants->bytes, &wants->byte_capacity, count * size, 1);
	memset(wants->bytes, 0, count * size);
	for (size_t i = 0; i < count; i++)
		wants->items[i] = (struct record_want){ addresses[i],
							wants->bytes + i * size, false };
	records_read(&reader->records, reader->process, wants->items, count, size);
}

static void decode_thread(struct scheddetail_reader *reader, const uint8_t *m,
			  uint64_t address, struct scheddetail_thread *out)
{
	const struct go_layout *l = reader->layout;

	*out = (struct scheddetail_thread){
		.id = field_i64(m, l->m.id),
		.processor = field_i64(m, l->m.p),
		.current_goroutine = field_i64(m, l->m.curg),
		.locked_goroutine = field_i64(m, l->m.lockedg),
		.mallocing = (int32_t)field_u32(m, l->m.mallocing),
		.throwing = field_u32(m, l->m.throwing),
		.locks = (int32_t)field_u32(m, l->m.locks),
		.dying = (int32_t)field_u32(m, l->m.dying),
		.is_spinning = m[l->m.spinning] != 0,
		.is_blocked = m[l->m.blocked] != 0,
		.preempt_off = STR(""),
	};
	if (field_u64(m, l->m.preemptoff + 8) != 0)
		out->preempt_off =
			go_process_read_string(reader->process,
					       address + (uint64_t)l->m.preemptoff,
					       TEXT_LIMIT, &reader->texts);
}

static bool read_threads(struct scheddetail_reader *reader, struct error *err)
{
	const struct memory *memory = reader->process->memory;
	struct scheddetail *detail = &reader->detail;
	uint64_t m = go_process_read_number(reader->process, reader->allm, 8);

	detail->thread_count = 0;
	while (m != 0 && detail->thread_count < THREADS_LIMIT) {
		if (!memory_read(memory, m, reader->thread, (size_t)reader->thread_size))
			break;
		detail->threads =
			table_reserve(detail->threads, &reader->thread_capacity,
				      detail->thread_count + 1, sizeof(*detail->threads));
		decode_thread(reader, reader->thread, m,
			      &detail->threads[detail->thread_count++]);
		m = field_u64(reader->thread, reader->layout->m.alllink);
	}
	return (m == 0 && detail->thread_count > 0) ||
	       error_set(err, ERROR_FORMAT,
			 "its list of threads (runtime.allm) cannot be read: the process "
			 "has just ended, or its memory is damaged");
}

static void decode_goroutine(const struct scheddetail_reader *reader, const uint8_t *g,
			     struct scheddetail_goroutine *out)
{
	const struct go_layout *l = reader->layout;
	uint8_t reason = g[l->g.waitreason];

	*out = (struct scheddetail_goroutine){
		.id = field_u64(g, l->g.goid),
		.thread = field_i64(g, l->g.m),
		.locked_thread = field_i64(g, l->g.lockedm),
		.status = field_u32(g, l->g.atomicstatus),
		.wait_reason = reason < GOROUTINE_REASONS &&
					       reader->facts.reasons[reason].p != NULL
				       ? reader->facts.reasons[reason]
				       : STR("unknown wait reason"),
	};
}

static bool read_goroutines(struct scheddetail_reader *reader, struct error *err)
{
	CLEANUP_FREE uint64_t *addresses = NULL;
	struct scheddetail *detail = &reader->detail;
	size_t size = (size_t)reader->goroutine_size;

	if (!goroutines_list(reader->process, &addresses, &detail->goroutine_count, err))
		return false;
	detail->goroutines =
		table_reserve(detail->goroutines, &reader->goroutine_capacity,
			      detail->goroutine_count, sizeof(*detail->goroutines));
	read_wants(reader, addresses, detail->goroutine_count, size);
	for (size_t i = 0; i < detail->goroutine_count; i++)
		decode_goroutine(reader, reader->wants.bytes + i * size,
				 &detail->goroutines[i]);
	return true;
}

// `member` holds the address of a structure whose id lies at `offset`.
static void want_id(struct scheddetail_reader *reader, int64_t *member, int32_t offset)
{
	if (*member == 0) {
		*member = SCHEDDETAIL_NONE;
		return;
	}
	*member += offset;
	reader->ids = table_reserve(reader->ids, &reader->id_capacity,
				    reader->id_count + 1, sizeof(*reader->ids));
	reader->ids[reader->id_count++] = member;
}

static void want_ids(struct scheddetail_reader *reader, int processor_count)
{
	const struct go_layout *l = reader->layout;
	struct scheddetail *detail = &reader->detail;

	reader->id_count = 0;
	for (int i = 0; i < processor_count; i++)
		want_id(reader, &detail->processor_threads[i], l->m.id);
	for (size_t i = 0; i < detail->thread_count; i++) {
		want_id(reader, &detail->threads[i].processor, l->p.id);
		want_id(reader, &detail->threads[i].current_goroutine, l->g.goid);
		want_id(reader, &detail->threads[i].locked_goroutine, l->g.goid);
	}
	for (size_t i = 0; i < detail->goroutine_count; i++) {
		want_id(reader, &detail->goroutines[i].thread, l->m.id);
		want_id(reader, &detail->goroutines[i].locked_thread, l->m.id);
	}
}

static void read_ids(struct scheddetail_reader *reader)
{
	CLEANUP_FREE uint64_t *addresses =
		table_zeroed(reader->id_count, sizeof(*addresses));
	struct scheddetail *detail = &reader->detail;

	for (size_t i = 0; i < reader->id_count; i++)
		addresses[i] = (uint64_t)*reader->ids[i];
	read_wants(reader, addresses, reader->id_count, ID_SIZE);
	for (size_t i = 0; i < reader->id_count; i++)
		*reader->ids[i] = field_i64(reader->wants.bytes, (int64_t)(i * ID_SIZE));
	for (size_t i = 0; i < detail->thread_count; i++) // a P's has four bytes
		detail->threads[i].processor = (int32_t)detail->threads[i].processor;
}

bool scheddetail_read(struct scheddetail_reader *reader,
		      const struct schedtrace_line *line, const struct scheddetail **out,
		      struct error *err)
{
	struct scheddetail *detail = &reader->detail;

	arena_deinit(&reader->texts);
	reader->texts = (struct arena){ 0 };
	detail->processor_threads =
		table_reserve(detail->processor_threads, &reader->processor_capacity,
			      (size_t)line->processor_count,
			      sizeof(*detail->processor_threads));
	for (int i = 0; i < line->processor_count; i++)
		detail->processor_threads[i] = (int64_t)line->processors[i].m;
	if (!read_threads(reader, err) || !read_goroutines(reader, err))
		return false;
	want_ids(reader, line->processor_count);
	read_ids(reader);
	*out = detail;
	return true;
}

static int32_t thread_size(const struct go_layout *l)
{
	int32_t size = max_of(l->m.preemptoff + 16, l->m.lockedg + 8);

	return max_of(max_of(size, l->m.alllink + 8), l->m.blocked + 1);
}

bool scheddetail_open(struct go_process *process, struct scheddetail_reader **out,
		      struct error *err)
{
	const struct go_layout *l = process->layout;
	struct scheddetail_reader *reader;
	uint64_t allm;

	if (!go_process_need(process, STR("runtime.allm"), &allm, err))
		return false;
	reader = table_zeroed(1, sizeof(*reader));
	reader->process = process;
	reader->layout = l;
	reader->allm = allm;
	reader->thread_size = thread_size(l);
	reader->goroutine_size = max_of(l->g.lockedm + 8, l->g.waitreason + 1);
	reader->thread = table_zeroed((size_t)reader->thread_size, 1);
	goroutine_facts_read(process, &reader->facts);
	*out = reader;
	return true;
}

void scheddetail_close(struct scheddetail_reader *reader)
{
	if (reader == NULL)
		return;
	goroutine_facts_deinit(&reader->facts);
	records_deinit(&reader->records);
	arena_deinit(&reader->texts);
	free(reader->wants.items);
	free(reader->wants.bytes);
	free(reader->thread);
	free(reader->ids);
	free(reader->detail.processor_threads);
	free(reader->detail.threads);
	free(reader->detail.goroutines);
	free(reader);
}
