// The collections of a live Go program by a probe at the end of each: none is missed,
// however soon the next one begins. Source: gcMarkTermination in src/runtime/mgc.go,
// releases 1.19 to 1.27.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "golang/gctrace.h"

struct error;
struct go_process;
struct gctrace_probe;

// Sets the probe; the trace's next collections then come from here. Both must outlive it.
bool gctrace_probe_open(const struct go_process *process, struct gctrace *trace,
			struct gctrace_probe **out, struct error *err)
	__attribute__((warn_unused_result));
void gctrace_probe_close(struct gctrace_probe *probe);

// Readable when a collection has ended.
int gctrace_probe_fd(const struct gctrace_probe *probe);

// As gctrace_next.
enum gctrace_state gctrace_probe_next(struct gctrace_probe *probe,
				      struct gctrace_cycle *out);
