// Numbers as they are; estimates are called so.
#include "golang/gctrace_summary_text.h"

#include "base/json.h"
#include "base/writer.h"
#include "golang/gctrace_summary.h"

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static double mb(double bytes)
{
	return bytes / (1 << 20);
}

static void write_estimates(const struct gctrace_summary *summary, struct writer *w)
{
	if (summary->estimate_count == 0)
		return;
	writer_text(w, "\nESTIMATE of another GOGC, if the program goes on like this: "
		       "collections in inverse\nproportion to the room above the live "
		       "heap, each at the same cost\n\n"
		       "     GOGC  collections/s  processor time  heap goal\n");
	for (size_t i = 0; i < summary->estimate_count; i++) {
		const struct gctrace_estimate *e = &summary->estimates[i];

		writer_format(w, "%s%8d %14.2f %14.2f%% %7.0f MB\n",
			      e->gc_percent == summary->setting.gc_percent ? "*" : " ",
			      e->gc_percent, e->per_second, 100 * e->cpu_share,
			      mb(e->goal_bytes));
	}
}

void gctrace_summary_text(const struct gctrace_summary *summary, struct writer *w)
{
	writer_format(
		w,
		"collections     %zu in %.1f s: %.2f a second, %zu forced, %zu missed\n",
		summary->count, summary->seconds, summary->per_second, summary->forced,
		summary->count - summary->complete);
	if (summary->count == 0)
		return;
	writer_format(w,
		      "pauses          least %.3f ms, median %.3f, 90%% %.3f, 99%% %.3f, "
		      "longest %.3f ms\n",
		      ms(summary->pause_min_ns), ms(summary->pause_median_ns),
		      ms(summary->pause_90_ns), ms(summary->pause_99_ns),
		      ms(summary->pause_max_ns));
	writer_format(w, "stopped         %.3f%% of the time\n",
		      100 * summary->stopped_share);
	if (summary->complete == 0)
		return;
	writer_format(w,
		      "processor time  %.2f%% of %d processors, and %.2f%% that was "
		      "idle otherwise\n",
		      100 * summary->cpu_share, summary->processors,
		      100 * summary->idle_cpu_share);
	writer_format(w, "heap            %.1f MB live, %.1f MB goal, on average\n",
		      mb(summary->live_bytes), mb(summary->goal_bytes));
	write_estimates(summary, w);
}

static void write_json_estimates(struct json *j, const struct gctrace_summary *summary)
{
	json_key(j, "estimates");
	json_array_begin(j);
	for (size_t i = 0; i < summary->estimate_count; i++) {
		const struct gctrace_estimate *e = &summary->estimates[i];

		json_object_begin(j);
		json_key_i64(j, "gogc", e->gc_percent);
		json_key_double(j, "per_second", e->per_second);
		json_key_double(j, "cpu_share", e->cpu_share);
		json_key_double(j, "goal_bytes", e->goal_bytes);
		json_object_end(j);
	}
	json_array_end(j);
}

void gctrace_summary_text_json(const struct gctrace_summary *summary, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	json_key_double(&j, "seconds", summary->seconds);
	json_key_i64(&j, "collections", (int64_t)summary->count);
	json_key_i64(&j, "complete", (int64_t)summary->complete);
	json_key_i64(&j, "forced", (int64_t)summary->forced);
	json_key_double(&j, "per_second", summary->per_second);
	json_key_i64(&j, "pause_min_ns", (int64_t)summary->pause_min_ns);
	json_key_i64(&j, "pause_median_ns", (int64_t)summary->pause_median_ns);
	json_key_i64(&j, "pause_90_ns", (int64_t)summary->pause_90_ns);
	json_key_i64(&j, "pause_99_ns", (int64_t)summary->pause_99_ns);
	json_key_i64(&j, "pause_max_ns", (int64_t)summary->pause_max_ns);
	json_key_double(&j, "stopped_share", summary->stopped_share);
	json_key_double(&j, "cpu_share", summary->cpu_share);
	json_key_double(&j, "idle_cpu_share", summary->idle_cpu_share);
	json_key_double(&j, "live_bytes", summary->live_bytes);
	json_key_double(&j, "goal_bytes", summary->goal_bytes);
	json_key_i64(&j, "processors", summary->processors);
	json_key_i64(&j, "gogc", summary->setting.gc_percent);
	json_key_i64(&j, "gomemlimit_bytes", summary->setting.memory_limit);
	write_json_estimates(&j, summary);
	json_object_end(&j);
	writer_char(w, '\n');
}
