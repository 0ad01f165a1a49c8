// Source: the print statements at the end of gcMarkTermination, itoaDiv and fmtNSAsMS in
// src/runtime/mgc.go; the same in all releases from 1.19 to 1.27 but for the leak check.
#include "golang/gctrace_text.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/json.h"
#include "base/writer.h"
#include "golang/gctrace.h"

enum { MB_SHIFT = 20 };

// Two digits of a time below 10 ms, at most three behind the point, cut off and never
// rounded; whole milliseconds above.
static void write_ms(struct writer *w, int64_t ns)
{
	uint64_t value = (uint64_t)ns / 1000, unit = 1000;
	int digits = 3;

	if ((uint64_t)ns >= 10000000) {
		writer_u64(w, (uint64_t)ns / 1000000);
		return;
	}
	for (; value >= 100; value /= 10) {
		unit /= 10;
		digits--;
	}
	if (value == 0)
		writer_char(w, '0');
	else
		writer_format(w, "%" PRIu64 ".%0*" PRIu64, value / unit, digits,
			      value % unit);
}

static void write_times(struct writer *w, const int64_t *ns, const char *separators)
{
	write_ms(w, ns[0]);
	for (int i = 0; separators[i] != '\0'; i++) {
		writer_char(w, separators[i]);
		write_ms(w, ns[i + 1]);
	}
}

void gctrace_text_line(const struct gctrace_cycle *cycle, struct writer *w)
{
	uint64_t ms = (uint64_t)cycle->start_ns / 1000000;

	if (!cycle->is_complete) {
		writer_format(w, "gc %" PRIu32 " (missed: the next one began; ",
			      cycle->number);
		write_ms(w, (int64_t)cycle->pause_ns);
		writer_text(w, " ms stopped)\n");
		return;
	}
	writer_format(
		w, "gc %" PRIu32 " @%" PRIu64 ".%03" PRIu64 "s %d%%%s: ", cycle->number,
		ms / 1000, ms % 1000, (int)(cycle->cpu_fraction * 100),
		cycle->checks_leaks ? " (checking for goroutine leaks)" : "");
	write_times(w, cycle->clock_ns, "++");
	writer_text(w, " ms clock, ");
	write_times(w, cycle->cpu_ns, "+//+");
	writer_format(w,
		      " ms cpu, %" PRIu64 "->%" PRIu64 "->%" PRIu64 " MB, %" PRIu64
		      " MB goal, %" PRIu64 " MB stacks, %" PRIu64 " MB globals, %d P%s\n",
		      cycle->heap_bytes[0] >> MB_SHIFT, cycle->heap_bytes[1] >> MB_SHIFT,
		      cycle->heap_bytes[2] >> MB_SHIFT, cycle->goal_bytes >> MB_SHIFT,
		      cycle->stack_bytes >> MB_SHIFT, cycle->global_bytes >> MB_SHIFT,
		      cycle->processors, cycle->is_forced ? " (forced)" : "");
}

static void write_json_details(struct json *j, const struct gctrace_cycle *cycle)
{
	json_key_bool(j, "is_forced", cycle->is_forced);
	json_key_bool(j, "checks_leaks", cycle->checks_leaks);
	json_key_i64(j, "start_ns", cycle->start_ns);
	json_key_double(j, "cpu_fraction", cycle->cpu_fraction);
	json_key_i64(j, "sweep_termination_ns", cycle->clock_ns[0]);
	json_key_i64(j, "mark_ns", cycle->clock_ns[1]);
	json_key_i64(j, "mark_termination_ns", cycle->clock_ns[2]);
	json_key_i64(j, "sweep_termination_cpu_ns", cycle->cpu_ns[0]);
	json_key_i64(j, "assist_cpu_ns", cycle->cpu_ns[1]);
	json_key_i64(j, "worker_cpu_ns", cycle->cpu_ns[2]);
	json_key_i64(j, "idle_cpu_ns", cycle->cpu_ns[3]);
	json_key_i64(j, "mark_termination_cpu_ns", cycle->cpu_ns[4]);
	json_key_i64(j, "heap_start_bytes", (int64_t)cycle->heap_bytes[0]);
	json_key_i64(j, "heap_end_bytes", (int64_t)cycle->heap_bytes[1]);
	json_key_i64(j, "heap_live_bytes", (int64_t)cycle->heap_bytes[2]);
	json_key_i64(j, "goal_bytes", (int64_t)cycle->goal_bytes);
	json_key_i64(j, "stack_bytes", (int64_t)cycle->stack_bytes);
	json_key_i64(j, "global_bytes", (int64_t)cycle->global_bytes);
	json_key_i64(j, "processors", cycle->processors);
}

void gctrace_text_json(const struct gctrace_cycle *cycle, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	json_key_i64(&j, "gc", cycle->number);
	json_key_bool(&j, "is_complete", cycle->is_complete);
	json_key_i64(&j, "pause_ns", (int64_t)cycle->pause_ns);
	if (cycle->is_complete)
		write_json_details(&j, cycle);
	json_object_end(&j);
	writer_char(w, '\n');
}
