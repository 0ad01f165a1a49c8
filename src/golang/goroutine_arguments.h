// The argument values of a frame, as tracebacks print them: "0x1, {0xc000012345, 0x5},
// ...".
#pragma once

struct go_frame;
struct memory;
struct writer;

// Nothing for a function that says nothing of its arguments. A "?" behind a value says
// that its register's home on the stack may be stale. Source: printArgs in
// src/runtime/traceback.go.
void goroutine_arguments_write(struct writer *w, const struct go_frame *frame,
			       const struct memory *stack);
