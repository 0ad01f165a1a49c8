// Allocation traces of a time, for whoever asks at the owner's socket.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;

struct serve_trace;

// Begins a trace into memory as the query says: "size=BYTES" is what it may take at most,
// with "frees=brief" frees have no stacks. NULL with an error; one at a time.
struct serve_trace *serve_trace_begin(struct str query, struct error *err);

// Whether the trace can take no more, so that waiting on is of no use.
bool serve_trace_is_full(const struct serve_trace *trace);

// Ends it: a file of nobody else's, at its start, with the trace; the caller closes it.
// -1 where there is none.
int serve_trace_end(struct serve_trace *trace);

// Ends it for nobody: who asked has gone.
void serve_trace_drop(struct serve_trace *trace);
