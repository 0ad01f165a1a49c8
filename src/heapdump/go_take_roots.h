// The roots of a Go heap: globals, stacks, registers, what finalizers and cleanups keep.
#pragma once

#include <stdbool.h>

struct error;
struct go_process;
struct go_span;
struct go_take;
struct go_take_options;

// Roots that hang on objects of a span: functions of finalizers and cleanups.
void go_take_roots_specials(struct go_take *take, const struct go_span *span);

// All others.
bool go_take_roots_write(struct go_take *take, const struct go_take_options *options,
			 struct error *err) __attribute__((warn_unused_result));

// Looks up once what stacks need, so that a process need not stand still for it.
void go_take_roots_prepare(struct go_process *process);
