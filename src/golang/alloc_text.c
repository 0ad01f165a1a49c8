// Arguments are not known: they were in registers that are long used otherwise.
#include "golang/alloc_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "golang/code.h"

// Of the frames at an address; compilers' wrappers are left out, as in Go's tracebacks.
static void write_frames(const struct go_point *point, struct writer *w)
{
	for (size_t i = 0; i < point->line_count; i++) {
		const struct go_line *line = &point->lines[i];

		if (line->is_wrapper)
			continue;
		writer_str(w, line->shown);
		writer_text(w, "(...)\n");
		writer_str(w, line->place);
	}
	if (point->line_count == 0)
		writer_format(w, "?\n\t0x%" PRIx64 "\n", point->pc);
}

void alloc_text_stack(struct alloc_stack stack, struct go_code *code, struct writer *w)
{
	for (size_t i = 0; i < stack.count; i++)
		write_frames(go_code_lines(code, go_code_at(code, stack.pcs[i])), w);
	if (stack.is_cut)
		writer_text(w, "...additional frames elided...\n");
}

void alloc_text_stack_json(struct alloc_stack stack, struct go_code *code,
			   struct json *json)
{
	json_array_begin(json);
	for (size_t i = 0; i < stack.count; i++) {
		const struct go_point *point =
			go_code_lines(code, go_code_at(code, stack.pcs[i]));

		for (size_t j = 0; j < point->line_count; j++) {
			if (!point->lines[j].is_wrapper)
				json_string(json, point->lines[j].name);
		}
	}
	json_array_end(json);
}

void alloc_text_event(const struct alloc_text_event *event, struct go_code *code,
		      struct writer *w)
{
	const struct alloc_event *e = event->event;

	if (e->address == 0)
		writer_text(w, "tracealloc(?");
	else
		writer_format(w, "tracealloc(0x%" PRIx64, e->address);
	writer_format(w, ", 0x%" PRIx64, e->size);
	if (event->type.n > 0)
		writer_text(w, ", ");
	writer_str(w, event->type);
	writer_format(w, ")\ngoroutine %" PRIu64 " [running]:\n", e->goroutine);
	alloc_text_stack(event->stack, code, w);
	writer_char(w, '\n');
}

void alloc_text_event_json(const struct alloc_text_event *event, struct go_code *code,
			   struct writer *w)
{
	const struct alloc_event *e = event->event;
	struct json json = json_to(w);

	json_object_begin(&json);
	json_key_string(&json, "event", STR("alloc"));
	json_key_string(&json, "type", event->type);
	json_key_i64(&json, "address", (int64_t)e->address);
	json_key_i64(&json, "size", (int64_t)e->size);
	json_key_i64(&json, "time_ns", (int64_t)e->time_ns);
	json_key_i64(&json, "goroutine", (int64_t)e->goroutine);
	json_key(&json, "stack");
	alloc_text_stack_json(event->stack, code, &json);
	json_object_end(&json);
	writer_char(w, '\n');
}
