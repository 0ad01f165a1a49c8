// Source: ticksPerSecond in src/runtime/runtime.go. cputicks is RDTSC on amd64, and
// nanotime CLOCK_MONOTONIC: both are the same for us on the same machine.
#include "golang/ticks.h"

#include <time.h>
#include <x86intrin.h>

#include "base/clock.h"
#include "golang/layout.h"
#include "golang/process.h"

enum { MEASURE_NS = 100000000 };

struct moment {
	int64_t ticks, ns;
};

static struct moment moment_now(void)
{
	struct moment moment;

	moment.ns = clock_now_ns();
	moment.ticks = (int64_t)__rdtsc();
	return moment;
}

// When the runtime started; false in releases that do not remember.
static bool read_start(const struct go_process *process, uint64_t ticks,
		       struct moment *out)
{
	const struct go_layout *layout = process->layout;

	if (layout->ticks.start_ticks == GO_ABSENT || process->core != NULL)
		return false;
	out->ticks = (int64_t)go_process_read_number(
		process, ticks + (uint64_t)layout->ticks.start_ticks, 8);
	out->ns = (int64_t)go_process_read_number(
		process, ticks + (uint64_t)layout->ticks.start_time, 8);
	return out->ticks != 0 && out->ns != 0;
}

static int64_t rate_between(struct moment start, struct moment end)
{
	double rate = (double)(end.ticks - start.ticks) * 1e9 /
		      (double)(end.ns > start.ns ? end.ns - start.ns : 1);

	return rate >= 1 && rate < 1e12 ? (int64_t)rate : 1;
}

int64_t go_ticks_per_second(const struct go_process *process)
{
	static const struct timespec pause = { .tv_nsec = MEASURE_NS };
	uint64_t ticks = go_process_find(process, STR("runtime.ticks"));
	struct moment start;

	if (ticks != 0 && process->layout->ticks.val != GO_ABSENT) {
		uint64_t known = go_process_read_number(
			process, ticks + (uint64_t)process->layout->ticks.val, 8);

		if (known != 0 && known < 1000000000000)
			return (int64_t)known;
	}
	if (ticks != 0 && read_start(process, ticks, &start))
		return rate_between(start, moment_now());
	start = moment_now();
	nanosleep(&pause, NULL);
	return rate_between(start, moment_now());
}
