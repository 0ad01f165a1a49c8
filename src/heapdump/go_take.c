// Spans become objects; globals by their bitmaps and stacks frame by frame become roots.
#include "heapdump/go_take.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/writer.h"
#include "golang/code.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "heapdump/dump_writer.h"
#include "heapdump/go_pointers.h"
#include "heapdump/go_rtype.h"
#include "heapdump/go_spans.h"
#include "heapdump/go_take_roots.h"
#include "heapdump/go_take_state.h"

enum { WORD = 8, BUFFER_SIZE = 1 << 16, READ_AT_ONCE = 1 << 26 };

static bool put(void *context, const void *bytes, size_t size)
{
	struct writer *w = context;

	writer_bytes(w, bytes, size);
	return w->errnum == 0;
}

static bool read_memory(const struct go_process *process, uint64_t address,
			uint8_t *buffer, uint64_t size)
{
	for (uint64_t done = 0; done < size;) {
		uint64_t piece = size - done < READ_AT_ONCE ? size - done : READ_AT_ONCE;

		if (!memory_read(process->memory, address + done, buffer + done, piece))
			return false;
		done += piece;
	}
	return true;
}

static bool copy_span(struct go_take *take, const struct go_span *span)
{
	size_t bits = (size_t)(span->count + 7) / 8;

	take->contents = table_reserve(take->contents, &take->contents_capacity,
				       (size_t)span->size + WORD, 1);
	take->bits = table_reserve(take->bits, &take->bits_capacity, bits + 1, 1);
	return read_memory(take->process, span->start, take->contents, span->size) &&
	       go_spans_read_bits(take->process, span, take->bits) &&
	       go_pointers_read(&take->pointers, span, take->contents);
}

static uint64_t word_of(const struct go_take *take, uint64_t word)
{
	uint64_t value;

	memcpy(&value, take->contents + word * WORD, sizeof(value));
	return value;
}

static void write_pointers(struct go_take *take, const struct go_span *span,
			   uint64_t object, enum dump_payload_form form)
{
	uint64_t words = span->element_size / WORD, first = object * words;

	for (uint64_t w = 0; w < words; w++) {
		bool is_pointer = go_pointers_has(&take->pointers, first + w) ||
				  take->pointers.is_opaque[object];

		if (!is_pointer)
			continue;
		if (form == DUMP_FIELDS)
			dump_writer_field(&take->w, w * WORD);
		else if (word_of(take, first + w) != 0)
			dump_writer_value(&take->w, w * WORD, word_of(take, first + w));
	}
}

static void write_object(struct go_take *take, const struct go_span *span,
			 uint64_t object)
{
	uint32_t type = take->pointers.types_of[object];
	struct dump_payload payload = { take->without_contents ? DUMP_VALUES
							       : DUMP_FIELDS,
					take->without_contents ? 0 : span->element_size };
	struct dump_object record = {
		.address = span->start + object * span->element_size,
		.size = span->element_size,
		.type = type == MAP_NONE ? 0 : type + (uint64_t)1,
	};

	dump_writer_object(&take->w, &record, payload);
	if (!take->without_contents)
		dump_writer_contents(&take->w,
				     take->contents + object * span->element_size,
				     span->element_size);
	if (span->has_pointers)
		write_pointers(take, span, object, payload.form);
	dump_writer_end(&take->w, payload);
	take->counts->objects++;
	take->counts->bytes += span->element_size;
}

static bool visit_span(struct go_spans_visitor *visitor, const struct go_span *span,
		       struct error *err)
{
	struct go_take *take = (struct go_take *)visitor;

	go_take_roots_specials(take, span);
	if (!copy_span(take, span)) {
		take->counts->unread_spans++;
		return true;
	}
	for (uint64_t i = 0; i < span->count; i++) {
		if ((take->bits[i / 8] >> i % 8 & 1) != 0)
			write_object(take, span, i);
	}
	return !take->w.has_failed ||
	       error_set(err, ERROR_SYSTEM,
			 "the dump cannot be written: free some space, or choose another "
			 "place");
}

static struct go_take *create(struct go_process *process,
			      const struct go_take_options *options, struct writer *w,
			      struct go_take_counts *counts)
{
	struct go_take *take = table_zeroed(1, sizeof(*take));
	uint64_t module = go_process_find(process, STR("runtime.firstmoduledata"));

	*counts = (struct go_take_counts){ 0 };
	take->visitor.visit = visit_span;
	take->process = process;
	take->without_contents = options->without_contents;
	take->counts = counts;
	take->module = module;
	take->types.process = process;
	take->types.names = go_process_read_number(
		process, module + (uint64_t)process->layout->moduledata.types, WORD);
	go_pointers_init(&take->pointers, process, &take->types);
	take->w = (struct dump_writer){ .put = put,
					.context = w,
					.buffer = table_zeroed(BUFFER_SIZE, 1),
					.capacity = BUFFER_SIZE };
	dump_writer_start(&take->w);
	return take;
}

static void destroy(struct go_take *take)
{
	go_pointers_deinit(&take->pointers);
	go_rtypes_deinit(&take->types);
	free(take->w.buffer);
	free(take->contents);
	free(take->bits);
	free(take);
}

static void write_types(struct go_take *take)
{
	for (size_t i = 0; i < take->types.count; i++)
		dump_writer_type(&take->w, i + 1, take->types.items[i].size,
				 take->types.items[i].name);
	take->counts->types = take->types.count;
}

bool go_take_begin(struct go_process *process, const struct go_take_options *options,
		   struct writer *w, struct go_take **out, struct go_take_counts *counts,
		   struct error *err)
{
	struct go_take *take = create(process, options, w, counts);

	if (!go_spans_visit(process, &take->visitor, err) ||
	    !go_take_roots_write(take, options, err)) {
		destroy(take);
		return false;
	}
	write_types(take);
	*out = take;
	return true;
}

void go_take_finish(struct go_take *take, uint64_t pause_ns)
{
	struct dump_program program = { .pid = (uint64_t)take->process->pid,
					.pause_ns = pause_ns,
					.program = take->process->path,
					.version = take->process->info.version,
					.thread_word = STR("goroutine"),
					.time_ns = (uint64_t)clock_date_ns() };

	dump_writer_program(&take->w, &program);
	// What could not be written is remembered by the writer behind it.
	if (!dump_writer_finish(&take->w))
		take->w.has_failed = true;
	destroy(take);
}
