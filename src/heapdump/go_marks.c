// One pass over the spans for the table, one for the edges, then a queue.
#include "heapdump/go_marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "golang/layout.h"
#include "golang/process.h"

enum { WORD = 8, SEGMENT_MAX = 1 << 30, SPECIALS_MAX = 1 << 20 };

static bool collect_span(struct go_spans_visitor *visitor, const struct go_span *span,
			 struct error *err)
{
	struct go_marks *marks = (struct go_marks *)visitor;

	if (span->element_size < WORD || span->count > span->size / span->element_size)
		return error_set(err, ERROR_FORMAT, "a span of the heap is damaged");
	marks->spans = table_reserve(marks->spans, &marks->span_capacity,
				     marks->span_count + 1, sizeof(*marks->spans));
	marks->spans[marks->span_count++] = *span;
	return true;
}

static int compare_spans(const void *a, const void *b)
{
	const struct go_span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool number_objects(struct go_marks *marks, struct error *err)
{
	uint64_t count = 0;

	if (marks->span_count > 0)
		qsort(marks->spans, marks->span_count, sizeof(*marks->spans),
		      compare_spans);
	marks->first = table_reserve(NULL, &marks->first_capacity, marks->span_count + 1,
				     sizeof(*marks->first));
	for (size_t i = 0; i < marks->span_count; i++) {
		marks->first[i] = (uint32_t)count;
		count += marks->spans[i].count;
		if (count >= UINT32_MAX)
			return error_set(err, ERROR_LIMIT,
					 "the heap has more than 2^32 objects");
	}
	marks->first[marks->span_count] = (uint32_t)count;
	marks->object_count = (uint32_t)count;
	marks->is_marked = table_zeroed(count + 1, 1);
	marks->is_sealed = table_zeroed(count + 1, 1);
	marks->edge_starts = table_zeroed(count + 1, sizeof(*marks->edge_starts));
	return true;
}

uint32_t go_marks_object(const struct go_marks *marks, uint64_t address)
{
	size_t low = 0, high = marks->span_count;
	const struct go_span *span;
	uint64_t index;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (marks->spans[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return UINT32_MAX;
	span = &marks->spans[low - 1];
	index = (address - span->start) / span->element_size;
	if (address - span->start >= span->size || index >= span->count)
		return UINT32_MAX;
	return marks->first[low - 1] + (uint32_t)index;
}

static void add_edges(struct go_marks *marks, const struct go_span *span, uint64_t object,
		      const uint8_t *contents)
{
	uint64_t words = span->element_size / WORD, first = object * words;

	for (uint64_t w = 0; w < words; w++) {
		uint64_t value;
		uint32_t target;

		if (!go_pointers_has(&marks->pointers, first + w) &&
		    !marks->pointers.is_opaque[object])
			continue;
		memcpy(&value, contents + (first + w) * WORD, sizeof(value));
		target = value == 0 ? UINT32_MAX : go_marks_object(marks, value);
		if (target == UINT32_MAX)
			continue;
		marks->edges =
			table_reserve(marks->edges, &marks->edge_capacity,
				      marks->edge_count + 1, sizeof(*marks->edges));
		marks->edges[marks->edge_count++] = target;
	}
}

static void read_span(struct go_marks *marks, size_t index)
{
	const struct go_span *span = &marks->spans[index];
	CLEANUP_FREE uint8_t *contents = NULL, *bits = NULL;
	bool is_read = false;

	if (span->has_pointers) {
		contents = table_zeroed(span->size + WORD, 1);
		bits = table_zeroed(span->count / 8 + WORD, 1);
		is_read = memory_read(marks->process->memory, span->start, contents,
				      span->size) &&
			  go_spans_read_bits(marks->process, span, bits) &&
			  go_pointers_read(&marks->pointers, span, contents);
		marks->unread_spans += !is_read;
	}
	for (uint64_t i = 0; i < span->count; i++) {
		marks->edge_starts[marks->first[index] + i] = marks->edge_count;
		if (is_read && (bits[i / 8] >> i % 8 & 1) != 0)
			add_edges(marks, span, i, contents);
	}
}

bool go_marks_load(struct go_marks *marks, const struct go_process *process,
		   struct error *err)
{
	uint64_t module = go_process_find(process, STR("runtime.firstmoduledata"));

	*marks = (struct go_marks){ .visitor = { collect_span }, .process = process };
	marks->types.process = process;
	marks->types.names = go_process_read_number(
		process, module + (uint64_t)process->layout->moduledata.types, WORD);
	go_pointers_init(&marks->pointers, process, &marks->types);
	if (!go_spans_visit(process, &marks->visitor, err) || !number_objects(marks, err))
		return false;
	for (size_t i = 0; i < marks->span_count; i++)
		read_span(marks, i);
	marks->edge_starts[marks->object_count] = marks->edge_count;
	return true;
}

void go_marks_deinit(struct go_marks *marks)
{
	go_pointers_deinit(&marks->pointers);
	go_rtypes_deinit(&marks->types);
	free(marks->spans);
	free(marks->first);
	free(marks->edge_starts);
	free(marks->edges);
	free(marks->is_marked);
	free(marks->is_sealed);
	free(marks->queue);
	*marks = (struct go_marks){ 0 };
}

enum go_marks_place go_marks_place(const struct go_marks *marks, uint64_t address)
{
	uint32_t object = go_marks_object(marks, address);

	if (object == UINT32_MAX)
		return GO_MARKS_OUTSIDE;
	return marks->is_marked[object] ? GO_MARKS_REACHED : GO_MARKS_LOST;
}

void go_marks_seal(struct go_marks *marks, uint64_t address)
{
	uint32_t object = go_marks_object(marks, address);

	if (object != UINT32_MAX)
		marks->is_sealed[object] = 1;
}

void go_marks_add(struct go_marks *marks, uint32_t object)
{
	if (object == UINT32_MAX || marks->is_marked[object])
		return;
	marks->is_marked[object] = 1;
	marks->queue = table_reserve(marks->queue, &marks->queue_capacity,
				     marks->queue_count + 1, sizeof(*marks->queue));
	marks->queue[marks->queue_count++] = object;
}

void go_marks_add_address(struct go_marks *marks, uint64_t address)
{
	go_marks_add(marks, go_marks_object(marks, address));
}

void go_marks_add_words(struct go_marks *marks, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	for (size_t at = 0; at + WORD <= size; at += WORD) {
		uint64_t value;

		memcpy(&value, p + at, sizeof(value));
		go_marks_add_address(marks, value);
	}
}

// Some global variables, all of whose words count: more is reached by chance than is by
// their bitmap, never less.
static bool add_segment(struct go_marks *marks, int32_t start_field, int32_t end_field,
			struct error *err)
{
	const struct go_process *process = marks->process;
	uint64_t module = go_process_find(process, STR("runtime.firstmoduledata"));
	uint64_t start =
		go_process_read_number(process, module + (uint64_t)start_field, WORD);
	uint64_t end =
		go_process_read_number(process, module + (uint64_t)end_field, WORD);
	CLEANUP_FREE uint8_t *bytes = NULL;

	if (module == 0 || end < start || end - start > SEGMENT_MAX)
		return error_set(err, ERROR_FORMAT,
				 "the globals are not where Go has them");
	bytes = table_zeroed(end - start + WORD, 1);
	if (!memory_read(process->memory, start, bytes, end - start))
		return error_set(err, ERROR_SYSTEM, "the globals cannot be read");
	go_marks_add_words(marks, bytes, end - start);
	return true;
}

// What finalizers and cleanups would call; for the other kinds of runtime.special the
// word behind it leads nowhere.
static void add_specials(struct go_marks *marks, const struct go_span *span)
{
	const struct go_process *process = marks->process;
	uint64_t at = span->specials;

	for (unsigned i = 0; at != 0 && i < SPECIALS_MAX; i++) {
		go_marks_add_address(marks,
				     go_process_read_number(
					     process,
					     at + (uint64_t)process->layout->special.size,
					     WORD));
		at = go_process_read_number(
			process, at + (uint64_t)process->layout->special.next, WORD);
	}
}

bool go_marks_add_globals(struct go_marks *marks, struct error *err)
{
	const struct go_layout *l = marks->process->layout;

	for (size_t i = 0; i < marks->span_count; i++)
		add_specials(marks, &marks->spans[i]);
	return add_segment(marks, l->moduledata.data, l->moduledata.edata, err) &&
	       add_segment(marks, l->moduledata.bss, l->moduledata.ebss, err);
}

void go_marks_follow(struct go_marks *marks)
{
	while (marks->queue_count > 0) {
		uint32_t object = marks->queue[--marks->queue_count];

		if (marks->is_sealed[object])
			continue;
		for (uint64_t e = marks->edge_starts[object];
		     e < marks->edge_starts[object + 1]; e++)
			go_marks_add(marks, marks->edges[e]);
	}
}
