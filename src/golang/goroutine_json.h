// Goroutines as JSON: one object for each, with all that was read of it.
#pragma once

#include "base/json.h"
#include "golang/goroutine_labels.h"
#include "golang/goroutines.h"

struct goroutine_facts;
struct writer;

// Writes {"version", "goroutines": [...], counts...}; between begin and end it visits.
struct goroutine_json {
	struct goroutine_visitor visitor;
	struct go_process *process;
	const struct goroutine_facts *facts;
	struct json json;
	struct goroutine_labels labels;
};

struct goroutine_json goroutine_json_begin(struct writer *w, struct go_process *process,
					   const struct goroutine_facts *facts);
void goroutine_json_end(struct goroutine_json *self,
			const struct goroutine_counts *counts);
