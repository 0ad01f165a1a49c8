// Objects in the order of the runtime's list.
#include "golang/goroutine_json.h"

#include "base/writer.h"
#include "golang/code.h"
#include "golang/goroutine_arguments.h"
#include "golang/goroutine_facts.h"
#include "golang/process.h"

static const char *stack_word(enum goroutine_stack state)
{
	switch (state) {
	case GOROUTINE_WHOLE:
		return "whole";
	case GOROUTINE_ON_CPU:
		return "running";
	case GOROUTINE_INCOMPLETE:
		return "incomplete";
	case GOROUTINE_CHANGED:
		return "changed";
	}
	return "";
}

static void write_line(struct goroutine_json *self, const struct goroutine *goroutine,
		       const struct go_frame *frame, size_t index)
{
	const struct go_line *line = &frame->point->lines[index];
	struct json *j = &self->json;

	json_object_begin(j);
	json_key_string(j, "function", line->name);
	json_key_string(j, "file", line->file);
	json_key_i64(j, "line", line->line);
	json_key_i64(j, "address", (int64_t)line->address);
	if (index + 1 < frame->point->line_count) {
		json_key_bool(j, "inlined", true);
	} else {
		struct writer arguments = writer_to_memory();

		goroutine_arguments_write(&arguments, frame, &goroutine->stack.memory);
		json_key_string(j, "arguments", writer_contents(&arguments));
		writer_deinit(&arguments);
	}
	json_object_end(j);
}

static void write_stack(struct goroutine_json *self, const struct goroutine *goroutine)
{
	struct json *j = &self->json;

	json_key(j, "frames");
	json_array_begin(j);
	for (size_t i = 0; i < goroutine->frame_count; i++) {
		const struct go_frame *frame = &goroutine->frames[i];

		go_code_lines(self->process->code, frame->point);
		for (size_t line = 0; line < frame->point->line_count; line++)
			write_line(self, goroutine, frame, line);
	}
	json_array_end(j);
}

static void write_labels(struct goroutine_json *self, const struct goroutine *goroutine)
{
	struct go_label_list list = goroutine_labels_at(&self->labels, goroutine->labels);
	struct json *j = &self->json;

	json_key(j, "labels");
	json_array_begin(j);
	for (size_t i = 0; i < list.count; i++) {
		json_object_begin(j);
		json_key_string(j, "key", list.labels[i].key);
		json_key_string(j, "value", list.labels[i].value);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_origin(struct goroutine_json *self, const struct goroutine *goroutine)
{
	struct go_code *code = self->process->code;
	const struct go_point *point =
		go_code_lines(code, go_code_at(code, goroutine->created_pc));
	struct json *j = &self->json;

	// The runtime made the first one.
	if (goroutine->id == 1 || goroutine->created_pc == 0 || point->line_count == 0)
		return;
	json_key(j, "created_by");
	json_object_begin(j);
	json_key_string(j, "function", point->lines[point->line_count - 1].name);
	json_key_string(j, "file", point->lines[0].file);
	json_key_i64(j, "line", point->lines[0].line);
	if (goroutine->parent_id != 0)
		json_key_i64(j, "goroutine", (int64_t)goroutine->parent_id);
	json_object_end(j);
}

static void write_goroutine(struct goroutine_visitor *visitor,
			    const struct goroutine *goroutine)
{
	struct goroutine_json *self = (struct goroutine_json *)visitor;
	struct json *j = &self->json;

	json_object_begin(j);
	json_key_i64(j, "id", (int64_t)goroutine->id);
	json_key_string(j, "state", goroutine_facts_state(self->facts, goroutine));
	json_key_i64(j, "wait_ns", goroutine_facts_wait_ns(self->facts, goroutine));
	json_key_bool(j, "locked_to_thread", goroutine->locked_m != 0);
	json_key_bool(j, "system", goroutine_facts_is_system(self->facts, goroutine));
	json_key_string(j, "stack",
			str_from(goroutine->is_sampled
					 ? "sampled"
					 : stack_word(goroutine->stack_state)));
	write_labels(self, goroutine);
	write_origin(self, goroutine);
	write_stack(self, goroutine);
	json_object_end(j);
}

struct goroutine_json goroutine_json_begin(struct writer *w, struct go_process *process,
					   const struct goroutine_facts *facts)
{
	struct goroutine_json self = {
		.visitor = { write_goroutine },
		.process = process,
		.facts = facts,
		.json = json_to(w),
		.labels = { .process = process },
	};

	json_object_begin(&self.json);
	json_key_i64(&self.json, "pid", process->pid);
	json_key_string(&self.json, "version", process->info.version);
	json_key(&self.json, "goroutines");
	json_array_begin(&self.json);
	return self;
}

void goroutine_json_end(struct goroutine_json *self,
			const struct goroutine_counts *counts)
{
	struct json *j = &self->json;

	json_array_end(j);
	json_key_i64(j, "user", (int64_t)counts->user);
	json_key_i64(j, "system", (int64_t)counts->system);
	json_key_i64(j, "shown", (int64_t)counts->shown);
	json_key_i64(j, "running", (int64_t)counts->running);
	json_key_i64(j, "incomplete", (int64_t)counts->incomplete);
	json_key_i64(j, "changed", (int64_t)counts->changed);
	json_key_i64(j, "retried", (int64_t)counts->retried);
	json_object_end(j);
	writer_char(j->w, '\n');
	goroutine_labels_deinit(&self->labels);
}
