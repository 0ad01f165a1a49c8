// goroutineheader, traceback and printcreatedby of src/runtime/traceback.go, Go 1.19 to
// 1.27.
#include "golang/goroutine_text.h"

#include "base/writer.h"
#include "golang/code.h"
#include "golang/goroutine_arguments.h"
#include "golang/goroutine_facts.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "golang/quote.h"

#define NS_A_MINUTE 60000000000ll

enum { LINES_INNER = 50, LINES_OUTER = 50 };

static unsigned minor_of(const struct goroutine_text *text)
{
	return text->process->version.minor;
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = (char)(c | 0x20);

		if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '/' || c == '_'))
			return false;
	}
	return true;
}

// Since 1.27 plain words stand without quotes.
static void print_label_part(const struct goroutine_text *text, struct str s)
{
	if (minor_of(text) >= 27 && is_plain(s))
		writer_str(text->w, s);
	else
		quote_write_runtime(text->w, s);
}

static void print_labels(struct goroutine_text *text, const struct goroutine *goroutine)
{
	struct go_label_list list = goroutine_labels_at(&text->labels, goroutine->labels);

	if (list.count == 0)
		return;
	writer_text(text->w, minor_of(text) >= 27 ? " {" : " labels:{");
	for (size_t i = 0; i < list.count; i++) {
		if (i > 0)
			writer_text(text->w, ", ");
		print_label_part(text, list.labels[i].key);
		writer_text(text->w, ": ");
		print_label_part(text, list.labels[i].value);
	}
	writer_char(text->w, '}');
}

static void print_bubble(const struct goroutine_text *text,
			 const struct goroutine *goroutine)
{
	int32_t id = text->process->layout->bubble.id;

	if (goroutine->bubble == 0 || id == GO_ABSENT)
		return;
	writer_text(text->w, ", synctest bubble ");
	writer_u64(text->w, go_process_read_number(text->process,
						   goroutine->bubble + (uint64_t)id, 8));
}

static bool is_durable(const struct goroutine_text *text,
		       const struct goroutine *goroutine, struct str state)
{
	return goroutine->bubble != 0 && goroutine->status == GOROUTINE_WAITING &&
	       goroutine->wait_reason < GOROUTINE_REASONS &&
	       text->facts->is_durable[goroutine->wait_reason] &&
	       !str_ends_with(state, STR("(durable)"));
}

static void print_header(struct goroutine_text *text, const struct goroutine *goroutine)
{
	struct str state = goroutine_facts_state(text->facts, goroutine);
	int64_t minutes = goroutine_facts_wait_ns(text->facts, goroutine) / NS_A_MINUTE;
	struct writer *w = text->w;

	writer_text(w, "goroutine ");
	writer_u64(w, goroutine->id);
	writer_text(w, " [");
	writer_str(w, state);
	if (goroutine->status == GOROUTINE_LEAKED)
		writer_text(w, " (leaked)");
	if (is_durable(text, goroutine, state))
		writer_text(w, " (durable)");
	if (minutes >= 1) {
		writer_text(w, ", ");
		writer_i64(w, minutes);
		writer_text(w, " minutes");
	}
	if (goroutine->locked_m != 0)
		writer_text(w, ", locked to thread");
	print_bubble(text, goroutine);
	if (minor_of(text) >= 27)
		writer_char(w, ']');
	if (text->facts->shows_labels)
		print_labels(text, goroutine);
	writer_text(w, minor_of(text) >= 27 ? ":\n" : "]:\n");
}

static void print_line(struct goroutine_text *text, const struct goroutine *goroutine,
		       const struct shown_line *shown)
{
	struct writer *w = text->w;

	writer_str(w, shown->line->shown);
	writer_char(w, '(');
	if (shown->is_inlined)
		writer_text(w, "...");
	else
		goroutine_arguments_write(w, &goroutine->frames[shown->frame],
					  &goroutine->stack.memory);
	writer_text(w, ")\n");
	writer_str(w, shown->line->place);
}

static void print_range(struct goroutine_text *text, const struct goroutine *goroutine,
			size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		print_line(text, goroutine, &text->lines.items[i]);
}

static void print_stack(struct goroutine_text *text, const struct goroutine *goroutine)
{
	struct goroutine_lines *lines = &text->lines;
	size_t outer;

	goroutine_lines_choose(lines, text->process->code, goroutine,
			       text->process->version);
	outer = lines->count;
	if (minor_of(text) >= 21 && lines->count > LINES_INNER + LINES_OUTER)
		outer = LINES_INNER;
	print_range(text, goroutine, 0, outer);
	if (outer < lines->count) {
		writer_format(text->w, "...%zu frames elided...\n",
			      lines->count - LINES_INNER - LINES_OUTER);
		print_range(text, goroutine, lines->count - LINES_OUTER, lines->count);
	}
	if (lines->is_cut)
		writer_text(text->w, "...additional frames elided...\n");
}

static void print_created_by(struct goroutine_text *text,
			     const struct goroutine *goroutine)
{
	struct go_code *code = text->process->code;
	const struct go_point *point =
		go_code_lines(code, go_code_at(code, goroutine->created_pc));
	const struct go_line *line, *innermost = point->lines;
	struct writer *w = text->w;

	if (goroutine->created_pc == 0 || point->line_count == 0 || goroutine->id == 1)
		return;
	line = &point->lines[point->line_count - 1];
	if (line->is_wrapper || !(line->is_shown || line->role == GO_ROLE_GOPANIC))
		return;
	writer_text(w, "created by ");
	writer_str(w, line->shown);
	if (goroutine->parent_id != 0) {
		writer_text(w, " in goroutine ");
		writer_u64(w, goroutine->parent_id);
	}
	writer_format(w, "\n\t%.*s:%u", (int)innermost->file.n, innermost->file.p,
		      innermost->line);
	if (point->pc > point->entry)
		writer_format(w, " +0x%llx",
			      (unsigned long long)(point->pc - point->entry));
	writer_char(w, '\n');
}

static void print_goroutine(struct goroutine_visitor *visitor,
			    const struct goroutine *goroutine)
{
	struct goroutine_text *text = (struct goroutine_text *)visitor;

	if (text->has_printed)
		writer_char(text->w, '\n');
	text->has_printed = true;
	print_header(text, goroutine);
	switch (goroutine->stack_state) {
	case GOROUTINE_ON_CPU:
		writer_text(text->w, "\tgoroutine running on other thread; stack "
				     "unavailable\n");
		break;
	case GOROUTINE_CHANGED:
		writer_text(text->w,
			    "\tgoroutine ran while it was read; stack unavailable\n");
		break;
	case GOROUTINE_INCOMPLETE:
		print_stack(text, goroutine);
		writer_text(text->w, "...the rest of the stack could not be read...\n");
		break;
	case GOROUTINE_WHOLE:
		print_stack(text, goroutine);
		break;
	}
	print_created_by(text, goroutine);
}

struct goroutine_text goroutine_text_to(struct writer *w, struct go_process *process,
					const struct goroutine_facts *facts)
{
	return (struct goroutine_text){
		.visitor = { print_goroutine },
		.process = process,
		.facts = facts,
		.w = w,
		.labels = { .process = process },
	};
}

void goroutine_text_deinit(struct goroutine_text *text)
{
	goroutine_labels_deinit(&text->labels);
	goroutine_lines_deinit(&text->lines);
}
