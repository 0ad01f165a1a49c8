// gcMarkTermination calls mProf_Flush after all numbers of the collection are set and the
// world runs again, while it still holds the locks without which the next one cannot
// begin. The kernel copies the variables right there.
#include "golang/gctrace_probe.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "binary/pclntab.h"
#include "golang/probe.h"
#include "golang/process.h"
#include "target/process.h"

enum { RING_BYTES = 1 << 20 };

struct gctrace_probe {
	const struct go_process *process;
	struct gctrace *trace;
	struct uprobe *uprobe;
	uint64_t end; // address in the process
	bool checks_leaks;
};

static bool set_probes(struct gctrace_probe *probe, struct error *err)
{
	struct pclntab_function function;

	if (!go_probe_find(probe->process, STR("runtime.mProf_Flush"), &function))
		return error_set(err, ERROR_UNSUPPORTED,
				 "its table of functions does not name "
				 "runtime.mProf_Flush, where a collection ends: try "
				 "without --exact");
	probe->end = function.start + probe->process->bias;
	if (!go_probe_add(probe->process, probe->uprobe, function.start, UPROBE_COPIED,
			  err))
		return false;
	// Only where the program has it: since 1.26.
	return !go_probe_find(probe->process, STR("runtime.findGoroutineLeaks"),
			      &function) ||
	       go_probe_add(probe->process, probe->uprobe, function.start,
			    UPROBE_REGISTERS, err);
}

bool gctrace_probe_open(const struct go_process *process, struct gctrace *trace,
			struct gctrace_probe **out, struct error *err)
{
	struct uprobe_options options = {
		.ring_bytes = RING_BYTES,
		.wake = UPROBE_WAKES,
		.copy_count = GCTRACE_PARTS,
	};
	struct gctrace_probe *probe = table_zeroed(1, sizeof(*probe));

	probe->process = process;
	probe->trace = trace;
	for (int i = 0; i < GCTRACE_PARTS; i++) {
		struct gctrace_place place = gctrace_place(trace, (enum gctrace_part)i);

		options.copies[i] = (struct uprobe_copy){ place.address, place.size };
	}
	if (!go_probe_open(process, options, &probe->uprobe, err) ||
	    !set_probes(probe, err)) {
		gctrace_probe_close(probe);
		return false;
	}
	// What ended before the probe was set is not to be waited for.
	if (!gctrace_begin(trace)) {
		gctrace_probe_close(probe);
		return error_set(err, ERROR_NOT_FOUND, "its memory cannot be read");
	}
	*out = probe;
	return true;
}

void gctrace_probe_close(struct gctrace_probe *probe)
{
	if (probe == NULL)
		return;
	uprobe_close(probe->uprobe);
	free(probe);
}

int gctrace_probe_fd(const struct gctrace_probe *probe)
{
	return uprobe_fd(probe->uprobe);
}

// Where a page was not there for the copy, the next hit finds that this one is missing.
static void take_hit(struct gctrace_probe *probe, const struct uprobe_hit *hit)
{
	if (hit->head.ip != probe->end) {
		probe->checks_leaks = true;
		return;
	}
	if (hit->copies[0] != NULL)
		gctrace_put(probe->trace, hit->copies, probe->checks_leaks);
	probe->checks_leaks = false;
}

enum gctrace_state gctrace_probe_next(struct gctrace_probe *probe,
				      struct gctrace_cycle *out)
{
	struct uprobe_hit hit;

	while (!gctrace_take(probe->trace, out)) {
		if (uprobe_next(probe->uprobe, &hit))
			take_hit(probe, &hit);
		else
			return process_is_alive(probe->process->pid) ? GCTRACE_NONE
								     : GCTRACE_ENDED;
	}
	return GCTRACE_CYCLE;
}
