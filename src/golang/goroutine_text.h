// Goroutines as runtime.Stack(buf, true) prints them, byte for byte: what
// /debug/pprof/goroutine?debug=2 and crashes show.
#pragma once

#include "golang/goroutine_labels.h"
#include "golang/goroutine_lines.h"
#include "golang/goroutines.h"

struct goroutine_facts;
struct writer;

// A goroutine whose stack could not be read whole says so below its header.
struct goroutine_text {
	struct goroutine_visitor visitor;
	struct go_process *process;
	const struct goroutine_facts *facts;
	struct writer *w;
	struct goroutine_labels labels;
	struct goroutine_lines lines;
	bool has_printed;
};

struct goroutine_text goroutine_text_to(struct writer *w, struct go_process *process,
					const struct goroutine_facts *facts);
void goroutine_text_deinit(struct goroutine_text *text);
