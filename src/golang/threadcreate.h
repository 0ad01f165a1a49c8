// The threads of a Go program, by the stacks that made them: what
// /debug/pprof/threadcreate shows.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct go_point;
struct go_process;

// Called with the stack of each thread, leaf first; the runtime knows none for many.
struct threadcreate_visitor {
	void (*visit)(struct threadcreate_visitor *visitor,
		      const struct go_point *const *points, size_t count);
};

// Walks runtime.allm. A process whose list cannot be read is an error.
bool threadcreate_read(struct go_process *process, struct threadcreate_visitor *visitor,
		       struct error *err) __attribute__((warn_unused_result));
