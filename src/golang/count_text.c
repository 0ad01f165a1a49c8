// Source: printCountProfile and printStackRecord in src/runtime/pprof/pprof.go.
#include "golang/count_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/tabs.h"
#include "base/writer.h"
#include "golang/code.h"
#include "golang/process.h"
#include "golang/quote.h"

bool count_text_is_runtime(const struct go_process *process, const struct go_line *line)
{
	return str_starts_with(line->name, STR("runtime.")) ||
	       (process->version.minor >= 24 &&
		str_starts_with(line->name, STR("internal/runtime/")));
}

static void add_line(struct tabs *tabs, const struct stack_line *stack)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	const struct go_line *line = stack->line;
	struct str name = line->role == GO_ROLE_GOPANIC ? line->name : line->shown;
	struct str cells[] = {
		STR("#"),
		str_format(&arena, "0x%llx", (unsigned long long)line->address),
		str_format(&arena, "%.*s+0x%llx", (int)name.n, name.p,
			   (unsigned long long)(line->address - stack->entry)),
		str_format(&arena, "%.*s:%u", (int)line->file.n, line->file.p,
			   line->line),
	};

	tabs_add(tabs, cells, sizeof(cells) / sizeof(cells[0]));
}

void count_text_stack(struct tabs *tabs, struct writer *w,
		      const struct go_process *process, const struct stack_line *lines,
		      size_t count)
{
	size_t first = 0;

	while (first < count && count_text_is_runtime(process, lines[first].line))
		first++;
	if (first == count)
		first = 0;
	if (first > 0)
		lines += first;
	count_text_whole_stack(tabs, w, lines, count - first);
}

void count_text_whole_stack(struct tabs *tabs, struct writer *w,
			    const struct stack_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (lines[i].line->role != GO_ROLE_GOEXIT)
			add_line(tabs, &lines[i]);
	}
	tabs_flush(tabs, w);
	// Go looks up the name of address 0 where there is no stack at all.
	writer_text(w, count == 0 ? "#\t0x0\n\n" : "\n");
}

static bool is_panic(enum go_role role)
{
	return role == GO_ROLE_GOPANIC || role == GO_ROLE_SIGPANIC ||
	       role == GO_ROLE_PANICWRAP;
}

// All lines of a stack but wrappers.
static size_t collect(struct count_text *text, const struct go_point *const *points,
		      size_t point_count)
{
	enum go_role callee = GO_ROLE_NONE;
	size_t count = 0;

	for (size_t i = 0; i < point_count; i++) {
		const struct go_point *point =
			go_code_lines(text->process->code, points[i]);

		text->lines = table_reserve(text->lines, &text->line_capacity,
					    count + point->line_count + 1,
					    sizeof(*text->lines));
		for (size_t j = 0; j < point->line_count; j++) {
			const struct go_line *line = &point->lines[j];

			if (!line->is_wrapper || is_panic(callee))
				text->lines[count++] =
					(struct stack_line){ line, point->entry };
			callee = line->role;
		}
	}
	return count;
}

static void write_key(struct writer *w, const struct count_text *text, size_t count,
		      struct go_label_list labels)
{
	writer_char(w, '@');
	for (size_t i = 0; i < count; i++)
		writer_format(w, " 0x%llx",
			      (unsigned long long)text->lines[i].line->address + 1);
	if (labels.count == 0)
		return;
	writer_text(w, "\n# labels: {");
	for (size_t i = 0; i < labels.count; i++) {
		writer_text(w, i > 0 ? ", " : "");
		quote_write(w, labels.labels[i].key);
		writer_char(w, ':');
		quote_write(w, labels.labels[i].value);
	}
	writer_char(w, '}');
}

void count_text_add(struct count_text *text, const struct go_point *const *points,
		    size_t point_count, struct go_label_list labels)
{
	size_t count = collect(text, points, point_count), before = text->keys.count;
	struct writer w = writer_to_memory();
	struct stack_line *lines;
	struct count_row *row;
	uint32_t id;

	write_key(&w, text, count, labels);
	id = interner_add(&text->keys, &text->arena, writer_contents(&w));
	writer_deinit(&w);
	text->rows = table_reserve(text->rows, &text->capacity, text->keys.count,
				   sizeof(*text->rows));
	text->total++;
	row = &text->rows[id];
	if (text->keys.count == before) {
		row->count++;
		return;
	}
	lines = arena_array(&text->arena, count + 1, sizeof(*lines));
	if (count > 0)
		memcpy(lines, text->lines, count * sizeof(*lines));
	*row = (struct count_row){ text->keys.strings[id], 1, lines, count };
}

static int compare_rows(const void *a, const void *b)
{
	const struct count_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return str_compare(x->key, y->key);
}

void count_text_write(struct count_text *text, struct str name, struct writer *w)
{
	struct tabs tabs = { 0 };

	if (text->keys.count > 0)
		qsort(text->rows, text->keys.count, sizeof(*text->rows), compare_rows);
	writer_format(w, "%.*s profile: total %zu\n", (int)name.n, name.p, text->total);
	for (size_t i = 0; i < text->keys.count; i++) {
		const struct count_row *row = &text->rows[i];

		writer_format(w, "%zu %.*s\n", row->count, (int)row->key.n, row->key.p);
		count_text_stack(&tabs, w, text->process, row->lines, row->line_count);
	}
	tabs_deinit(&tabs);
}

void count_text_deinit(struct count_text *text)
{
	interner_deinit(&text->keys);
	free(text->rows);
	free(text->lines);
	arena_deinit(&text->arena);
}
