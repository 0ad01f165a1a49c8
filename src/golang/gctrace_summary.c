// Means of the complete collections, quantiles of the pauses of all.
#include "golang/gctrace_summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

// Of GOGC=100; see heapMinimum in src/runtime/mgcpacer.go.
static const double heap_minimum = 4 << 20;

void gctrace_summary_add(struct gctrace_sums *sums, const struct gctrace_cycle *cycle)
{
	const int64_t *cpu = cycle->cpu_ns;

	sums->pauses_ns = table_reserve(sums->pauses_ns, &sums->capacity, sums->count + 1,
					sizeof(*sums->pauses_ns));
	sums->pauses_ns[sums->count++] = cycle->pause_ns;
	if (!cycle->is_complete)
		return;
	sums->complete++;
	sums->forced += cycle->is_forced;
	sums->cpu_ns += (double)(cpu[0] + cpu[1] + cpu[2] + cpu[4]);
	sums->idle_cpu_ns += (double)cpu[3];
	sums->live_bytes += (double)cycle->heap_bytes[2];
	sums->goal_bytes += (double)cycle->goal_bytes;
	sums->other_bytes += (double)(cycle->stack_bytes + cycle->global_bytes);
	sums->processors = cycle->processors;
}

void gctrace_summary_deinit(struct gctrace_sums *sums)
{
	free(sums->pauses_ns);
	*sums = (struct gctrace_sums){ 0 };
}

static int by_size(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

// The smallest pause that so many of a hundred are not longer than.
static uint64_t percentile(const struct gctrace_sums *sums, size_t percent)
{
	size_t rank = (sums->count * percent + 99) / 100;

	return sums->pauses_ns[rank > 0 ? rank - 1 : 0];
}

static void copy_pauses(struct gctrace_sums *sums, struct gctrace_summary *out)
{
	double total = 0;

	qsort(sums->pauses_ns, sums->count, sizeof(*sums->pauses_ns), by_size);
	for (size_t i = 0; i < sums->count; i++)
		total += (double)sums->pauses_ns[i];
	out->pause_min_ns = sums->pauses_ns[0];
	out->pause_median_ns = percentile(sums, 50);
	out->pause_90_ns = percentile(sums, 90);
	out->pause_99_ns = percentile(sums, 99);
	out->pause_max_ns = sums->pauses_ns[sums->count - 1];
	out->stopped_share = total / 1e9 / out->seconds;
}

// As gcControllerState.commit has it, with a memory limit that counts the heap alone.
static double goal_of(const struct gctrace_summary *summary, double other,
		      int32_t percent)
{
	double live = summary->live_bytes, share = percent / 100.0;
	double goal = live + (live + other) * share;

	if (goal < heap_minimum * share)
		goal = heap_minimum * share;
	if (goal > (double)summary->setting.memory_limit)
		goal = (double)summary->setting.memory_limit;
	return goal;
}

static void estimate(const struct gctrace_sums *sums, struct gctrace_summary *out)
{
	static const int32_t percents[GCTRACE_ESTIMATES] = { 50, 100, 200, 400, 800 };
	double complete = (double)sums->complete;
	double other = sums->other_bytes / complete, live = out->live_bytes;
	double forced_share = (double)sums->forced / complete;
	double room_now = goal_of(out, other, out->setting.gc_percent) - live;

	if (out->setting.gc_percent <= 0 || room_now <= 0)
		return;
	for (size_t i = 0; i < GCTRACE_ESTIMATES; i++) {
		double goal = goal_of(out, other, percents[i]);
		double factor =
			forced_share + (1 - forced_share) * room_now / (goal - live);

		// The memory limit is below what is live: the model has nothing to say.
		if (goal <= live)
			continue;
		out->estimates[out->estimate_count++] = (struct gctrace_estimate){
			.gc_percent = percents[i],
			.per_second = out->per_second * factor,
			.cpu_share = out->cpu_share * factor,
			.goal_bytes = goal,
		};
	}
}

void gctrace_summary_make(struct gctrace_sums *sums, double seconds,
			  struct gctrace_setting setting, struct gctrace_summary *out)
{
	double complete = (double)sums->complete, all = (double)sums->count;
	double time_ns = seconds * 1e9 * sums->processors;

	*out = (struct gctrace_summary){
		.seconds = seconds,
		.per_second = all / seconds,
		.count = sums->count,
		.complete = sums->complete,
		.forced = sums->forced,
		.processors = sums->processors,
		.setting = setting,
	};
	if (sums->count > 0)
		copy_pauses(sums, out);
	if (sums->complete == 0)
		return;
	out->cpu_share = sums->cpu_ns / complete * all / time_ns;
	out->idle_cpu_share = sums->idle_cpu_ns / complete * all / time_ns;
	out->live_bytes = sums->live_bytes / complete;
	out->goal_bytes = sums->goal_bytes / complete;
	estimate(sums, out);
}
