// Globals by the runtime's own bitmaps; stacks conservatively, frame by frame.
#include "heapdump/go_take_roots.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "golang/code.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "heapdump/go_take_state.h"

enum { WORD = 8, SEGMENT_MAX = 1 << 30, SPECIALS_MAX = 1 << 20 };

static void write_value_root(struct go_take *take, const struct dump_root *root,
			     const uint64_t *values, size_t count)
{
	struct dump_payload payload = { .form = DUMP_VALUES };

	dump_writer_root(&take->w, root, payload);
	for (size_t i = 0; i < count; i++) {
		if (values[i] != 0)
			dump_writer_value(&take->w, i * (uint64_t)WORD, values[i]);
	}
	dump_writer_end(&take->w, payload);
	take->counts->roots++;
}

// runtime/mheap.go, _KindSpecial*: a finalizer is 1 up to Go 1.23, then 2; a cleanup is 6
// in 1.24, then 7.
static bool keeps_function(const struct go_process *process, uint8_t kind, bool *is_final)
{
	unsigned minor = process->version.minor;

	*is_final = kind == (minor <= 24 ? 1 : 2);
	return *is_final || (minor == 24 && kind == 6) || (minor >= 25 && kind == 7);
}

void go_take_roots_specials(struct go_take *take, const struct go_span *span)
{
	const struct go_process *process = take->process;
	const struct go_layout *layout = process->layout;
	uint64_t at = span->specials;

	for (unsigned i = 0; at != 0 && i < SPECIALS_MAX; i++) {
		uint8_t kind = (uint8_t)go_process_read_number(
			process, at + (uint64_t)layout->special.kind, 1);
		bool is_final;

		if (keeps_function(process, kind, &is_final)) {
			uint64_t function = go_process_read_number(
				process, at + (uint64_t)layout->special.size, WORD);
			struct dump_root root = { .kind = DUMP_ROOT_FINALIZER,
						  .name = is_final ? STR("finalizer")
								   : STR("cleanup") };

			write_value_root(take, &root, &function, 1);
		}
		at = go_process_read_number(process, at + (uint64_t)layout->special.next,
					    WORD);
	}
}

struct segment {
	enum dump_root_kind kind;
	struct str name;
	int32_t start, end, mask; // offsets in moduledata
};

static void write_segment_contents(struct go_take *take, const uint8_t *contents,
				   const uint8_t *mask, uint64_t size,
				   struct dump_payload payload)
{
	if (payload.form == DUMP_FIELDS)
		dump_writer_contents(&take->w, contents, size);
	for (uint64_t w = 0; w < size / WORD; w++) {
		uint64_t value;

		if ((mask[w / 8] >> w % 8 & 1) == 0)
			continue;
		memcpy(&value, contents + w * WORD, sizeof(value));
		if (payload.form == DUMP_FIELDS)
			dump_writer_field(&take->w, w * WORD);
		else if (value != 0)
			dump_writer_value(&take->w, w * WORD, value);
	}
	dump_writer_end(&take->w, payload);
	take->counts->roots++;
}

static bool write_segment(struct go_take *take, const struct segment *segment,
			  struct error *err)
{
	const struct go_process *process = take->process;
	uint64_t start = go_process_read_number(
		process, take->module + (uint64_t)segment->start, WORD);
	uint64_t end = go_process_read_number(
		process, take->module + (uint64_t)segment->end, WORD);
	uint64_t mask_at = go_process_read_number(
		process, take->module + (uint64_t)segment->mask, WORD);
	uint64_t size = end - start;
	struct dump_root root = { .kind = segment->kind,
				  .address = start,
				  .name = segment->name };
	struct dump_payload payload = { take->without_contents ? DUMP_VALUES
							       : DUMP_FIELDS,
					take->without_contents ? 0 : size };
	uint8_t *contents, *mask;
	bool is_read;

	if (end < start || size > SEGMENT_MAX)
		return error_set(err, ERROR_FORMAT,
				 "the globals are not where Go has them");
	contents = table_zeroed(size + WORD, 1);
	mask = table_zeroed(size / WORD / 8 + WORD, 1);
	is_read = memory_read(process->memory, start, contents, size) &&
		  memory_read(process->memory, mask_at, mask, (size / WORD + 7) / 8);
	if (is_read) {
		dump_writer_root(&take->w, &root, payload);
		write_segment_contents(take, contents, mask, size, payload);
	}
	free(contents);
	free(mask);
	return is_read || error_set(err, ERROR_SYSTEM, "the globals cannot be read");
}

struct preparation {
	struct goroutine_visitor visitor;
	struct go_process *process;
};

struct stacks {
	struct goroutine_visitor visitor;
	struct go_take *take;
};

// The frame's memory, up to where the next one begins.
static void write_frame(struct go_take *take, const struct goroutine *goroutine,
			size_t index)
{
	const struct memory_bytes *stack = &goroutine->stack;
	const struct go_frame *frame = &goroutine->frames[index];
	uint64_t start = frame->sp, limit = stack->address + stack->size;
	struct dump_root root = { .kind = DUMP_ROOT_FRAME,
				  .thread = goroutine->id,
				  .address = start };
	struct dump_payload payload = { .form = DUMP_SCANNED };
	enum go_role role;

	if (index + 1 < goroutine->frame_count &&
	    goroutine->frames[index + 1].sp <= limit)
		limit = goroutine->frames[index + 1].sp;
	if (start < stack->address || limit < start)
		return;
	root.name = go_code_function(take->process->code, frame->point->pc, &role);
	if (root.name.n == 0)
		root.name = STR("unknown function");
	payload.contents_size = limit - start;
	dump_writer_root(&take->w, &root, payload);
	dump_writer_contents(&take->w, stack->bytes + (start - stack->address),
			     limit - start);
	dump_writer_end(&take->w, payload);
	take->counts->roots++;
}

static void write_stack(struct go_take *take, const struct goroutine *goroutine)
{
	const struct memory_bytes *stack = &goroutine->stack;
	struct dump_root root = { .kind = DUMP_ROOT_STACK,
				  .thread = goroutine->id,
				  .name = STR("stack"),
				  .address = stack->address };
	struct dump_payload payload = { DUMP_SCANNED, stack->size };

	if (stack->size == 0)
		return;
	dump_writer_root(&take->w, &root, payload);
	dump_writer_contents(&take->w, stack->bytes, stack->size);
	dump_writer_end(&take->w, payload);
	take->counts->roots++;
}

static void visit_goroutine(struct goroutine_visitor *visitor,
			    const struct goroutine *goroutine)
{
	struct go_take *take = ((struct stacks *)visitor)->take;

	dump_writer_thread(&take->w, goroutine->id, goroutine->id, STR(""));
	// A stack that cannot be followed to its end counts as a whole.
	if (goroutine->stack_state == GOROUTINE_WHOLE && goroutine->frame_count > 0 &&
	    goroutine->frames[0].sp >= goroutine->stack.address) {
		for (size_t i = 0; i < goroutine->frame_count; i++)
			write_frame(take, goroutine, i);
		return;
	}
	write_stack(take, goroutine);
}

static void write_registers(struct go_take *take, const struct go_take_options *options)
{
	for (size_t i = 0; options->registers != NULL && i < options->thread_count; i++) {
		struct dump_root root = { .kind = DUMP_ROOT_REGISTERS,
					  .name = STR("registers") };

		write_value_root(take, &root, options->registers[i], GO_TAKE_REGISTERS);
	}
}

bool go_take_roots_write(struct go_take *take, const struct go_take_options *options,
			 struct error *err)
{
	const struct go_layout *layout = take->process->layout;
	const struct segment segments[] = {
		{ DUMP_ROOT_DATA, STR("data"), layout->moduledata.data,
		  layout->moduledata.edata, layout->moduledata.gcdatamask },
		{ DUMP_ROOT_BSS, STR("bss"), layout->moduledata.bss,
		  layout->moduledata.ebss, layout->moduledata.gcbssmask },
	};
	struct stacks stacks = { { visit_goroutine }, take };
	struct goroutine_options reading = { .with_system = true,
					     .threads = options->threads,
					     .thread_count = options->thread_count };
	struct goroutine_counts counts;

	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		if (!write_segment(take, &segments[i], err))
			return false;
	}
	write_registers(take, options);
	return goroutines_read(take->process, &reading, &stacks.visitor, &counts, err);
}

static void look_up_names(struct goroutine_visitor *visitor,
			  const struct goroutine *goroutine)
{
	struct go_process *process = ((struct preparation *)visitor)->process;
	enum go_role role;

	for (size_t i = 0; i < goroutine->frame_count; i++)
		(void)go_code_function(process->code, goroutine->frames[i].point->pc,
				       &role);
}

void go_take_roots_prepare(struct go_process *process)
{
	struct preparation preparation = { { look_up_names }, process };
	struct goroutine_options options = { .with_system = true };
	struct goroutine_counts counts;
	struct error ignored;

	(void)!goroutines_read(process, &options, &preparation.visitor, &counts,
			       &ignored);
}
