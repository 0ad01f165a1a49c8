// Writes events of an allocation trace as Go's GODEBUG=allocfreetrace did, and what a
// whole trace comes to.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "profile/trace_ledger.h"

struct json;
struct profile;
struct profile_stack_view;
struct str;
struct writer;

// What an event is about. The block is what the ledger knew of it, NULL: nothing.
struct trace_text_event {
	const struct trace_record *record;
	const struct trace_block *block;
	uint32_t tid;
	const struct profile *profile; // that the stack is of
	const struct profile_stack_view *stack;
};

// "tracealloc(0xADDRESS, 0xSIZE, KIND)", "thread ID [running]:", a pair of lines a frame,
// an empty line.
void trace_text_event(const struct trace_text_event *event, struct writer *w);

// The same as an object on one line.
void trace_text_event_json(const struct trace_text_event *event, struct writer *w);

// "malloc", "new" (where operator new called malloc), "realloc", ...
struct str trace_text_kind(enum trace_event event, const struct profile *profile,
			   const struct profile_stack_view *stack);

// The frames of a stack, two lines each.
void trace_text_stack(const struct profile *profile,
		      const struct profile_stack_view *stack, struct writer *w);

// Their names as an array.
void trace_text_stack_json(const struct profile *profile,
			   const struct profile_stack_view *stack, struct json *json);
