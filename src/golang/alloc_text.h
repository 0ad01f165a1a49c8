// Allocations of a Go program as its GODEBUG=allocfreetrace=1 printed them up to Go 1.20,
// and as JSON. Source: tracealloc in src/runtime/mprof.go of those releases.
#pragma once

#include <stdint.h>

#include "base/str.h"
#include "golang/alloc_probe.h"

struct go_code;
struct json;
struct writer;

// Borrows all of it.
struct alloc_text_event {
	const struct alloc_event *event;
	struct str type; // "": without one
	struct alloc_stack stack;
};

// "tracealloc(0xADDRESS, 0xSIZE, TYPE)" ("?" for an address that was not asked for),
// "goroutine N [running]:", a pair of lines a
// frame, an empty line.
void alloc_text_event(const struct alloc_text_event *event, struct go_code *code,
		      struct writer *w);

// The same as an object on one line.
void alloc_text_event_json(const struct alloc_text_event *event, struct go_code *code,
			   struct writer *w);

// The frames alone: "main.f(...)\n\t/src/main.go:12 +0x1f\n"; their names as an array.
void alloc_text_stack(struct alloc_stack stack, struct go_code *code, struct writer *w);
void alloc_text_stack_json(struct alloc_stack stack, struct go_code *code,
			   struct json *json);
