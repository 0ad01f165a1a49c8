// What many collections come to: how often, how long, how dear, and what another GOGC
// would change in that.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "golang/gctrace.h"

// Sums over collections; zero-initialised is empty.
struct gctrace_sums {
	uint64_t *pauses_ns; // of each collection, owned
	size_t count, capacity;
	size_t complete, forced;    // forced ones are among the complete
	double cpu_ns, idle_cpu_ns; // of the complete ones; the first without the second
	double live_bytes, goal_bytes; // of the complete ones
	double other_bytes;            // stacks and globals that GOGC counts too
	int32_t processors;
};

void gctrace_summary_add(struct gctrace_sums *sums, const struct gctrace_cycle *cycle);
void gctrace_summary_deinit(struct gctrace_sums *sums);

enum { GCTRACE_ESTIMATES = 5 };

// With another GOGC. An estimate: collections run in proportion to the garbage made over
// the room that the heap has above what is live, and each costs what it cost.
struct gctrace_estimate {
	int32_t gc_percent;
	double per_second, cpu_share, goal_bytes;
};

// Shares are of all time of all processors that Go may use. What the complete collections
// say stands for those that were missed too.
struct gctrace_summary {
	double seconds, per_second;
	size_t count, complete, forced;
	uint64_t pause_min_ns, pause_median_ns, pause_90_ns, pause_99_ns, pause_max_ns;
	double stopped_share; // of the time alone
	double cpu_share;     // taken from the program: without processors that were idle
	double idle_cpu_share;
	double live_bytes, goal_bytes; // means
	int32_t processors;
	struct gctrace_setting setting;
	size_t estimate_count; // 0: none can be made, as with GOGC=off
	struct gctrace_estimate estimates[GCTRACE_ESTIMATES];
};

// Sorts the pauses.
void gctrace_summary_make(struct gctrace_sums *sums, double seconds,
			  struct gctrace_setting setting, struct gctrace_summary *out);
