// Counted stacks as text, as runtime/pprof's count profiles write them for debug=1:
// goroutine, threadcreate.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "golang/goroutine_labels.h"

struct go_code;
struct go_line;
struct go_process;
struct go_point;
struct tabs;
struct writer;

// One logical frame: a line, and the entry of the function it is inlined into.
struct stack_line {
	const struct go_line *line;
	uint64_t entry;
};

// Prints "#", address, name and place of each line, hiding the runtime's at the leaf end,
// and an empty line (printStackRecord).
void count_text_stack(struct tabs *tabs, struct writer *w,
		      const struct go_process *process, const struct stack_line *lines,
		      size_t count);

// The same with all lines, the runtime's too.
void count_text_whole_stack(struct tabs *tabs, struct writer *w,
			    const struct stack_line *lines, size_t count);

// Whether profiles hide such a function at the leaf end.
bool count_text_is_runtime(const struct go_process *process, const struct go_line *line);

struct count_row {
	struct str key; // the text of stack and labels
	size_t count;
	const struct stack_line *lines;
	size_t line_count;
};

// Zero-initialised but for the process.
struct count_text {
	struct go_process *process;
	struct arena arena;
	struct interner keys;
	struct count_row *rows; // by id of the key
	size_t capacity, total;
	struct stack_line *lines; // scratch
	size_t line_capacity;
};

// Adds a stack, leaf first, with labels.
void count_text_add(struct count_text *text, const struct go_point *const *points,
		    size_t count, struct go_label_list labels);

// Writes all, the most frequent first, under "NAME profile: total N".
void count_text_write(struct count_text *text, struct str name, struct writer *w);
void count_text_deinit(struct count_text *text);
