// Numbers of now first, then averages and growth since the line before.
#include "target/schedule_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

// What one wait for a processor took on average.
static double mean_wait_ms(const struct schedule_line *line)
{
	return line->slices == 0 ? 0 : ms(line->delay_ns) / (double)line->slices;
}

void schedule_text_line(const struct schedule_line *line, struct writer *w)
{
	writer_format(w,
		      "SCHED %" PRIu64 "ms: processors=%d idleprocs=%d threads=%zu "
		      "running=%zu runnable=%zu blocked=%zu runqueue=%zu [",
		      line->elapsed_ns / 1000000, line->processors, line->idle_processors,
		      line->threads, line->running, line->runnable, line->blocked,
		      line->runnable);
	for (int i = 0; i < line->queue_count; i++)
		writer_format(w, "%s%d", i == 0 ? "" : " ", line->queues[i]);
	writer_format(w,
		      "] avg running=%.2f runnable=%.2f wait=%.2fms/slice "
		      "switches=%" PRIu64 " forced=%" PRIu64,
		      line->average_running, line->average_runnable, mean_wait_ms(line),
		      line->voluntary, line->forced);
	if (line->quota > 0)
		writer_format(w, " quota=%.2f throttled=%.0fms in %" PRIu64 " periods",
			      line->quota, ms(line->throttled_ns),
			      line->throttled_periods);
	writer_char(w, '\n');
}

// What a thread did since the sample before; all of it where it is new.
static struct schedule_thread difference(const struct schedule_sample *before,
					 const struct schedule_thread *now)
{
	const struct schedule_thread *then = schedule_find(before, now->id);
	struct schedule_thread result = *now;

	if (then == NULL || then->run_ns > now->run_ns || then->slices > now->slices)
		return result;
	result.run_ns -= then->run_ns;
	result.delay_ns -= then->delay_ns;
	result.slices -= then->slices;
	result.voluntary -= then->voluntary;
	result.forced -= then->forced;
	return result;
}

void schedule_text_threads(const struct schedule_sample *before,
			   const struct schedule_sample *after, struct writer *w)
{
	for (size_t i = 0; i < after->count; i++) {
		struct schedule_thread thread = difference(before, &after->threads[i]);

		writer_format(w,
			      "  T%d: %s state=%c wait=%s processor=%d run=%.1fms "
			      "delay=%.1fms switches=%" PRIu64 " forced=%" PRIu64 "\n",
			      thread.id, thread.name, thread.state,
			      thread.wait[0] == '\0' ? "-" : thread.wait,
			      thread.processor, ms(thread.run_ns), ms(thread.delay_ns),
			      thread.voluntary, thread.forced);
	}
}

static void write_counters(const struct schedule_line *line, struct json *json)
{
	json_key_double(json, "average_running", line->average_running);
	json_key_double(json, "average_runnable", line->average_runnable);
	json_key_i64(json, "run_ns", (int64_t)line->run_ns);
	json_key_i64(json, "delay_ns", (int64_t)line->delay_ns);
	json_key_i64(json, "slices", (int64_t)line->slices);
	json_key_i64(json, "voluntary_switches", (int64_t)line->voluntary);
	json_key_i64(json, "forced_switches", (int64_t)line->forced);
	json_key_i64(json, "throttled_ns", (int64_t)line->throttled_ns);
	json_key_i64(json, "throttled_periods", (int64_t)line->throttled_periods);
}

static void write_thread(const struct schedule_thread *thread, struct json *json)
{
	json_object_begin(json);
	json_key_i64(json, "id", thread->id);
	json_key_string(json, "name", str_from(thread->name));
	json_key_string(json, "state", (struct str){ &thread->state, 1 });
	json_key_string(json, "wait", str_from(thread->wait));
	json_key_i64(json, "processor", thread->processor);
	json_key_i64(json, "run_ns", (int64_t)thread->run_ns);
	json_key_i64(json, "delay_ns", (int64_t)thread->delay_ns);
	json_key_i64(json, "slices", (int64_t)thread->slices);
	json_key_i64(json, "voluntary_switches", (int64_t)thread->voluntary);
	json_key_i64(json, "forced_switches", (int64_t)thread->forced);
	json_object_end(json);
}

static void write_threads(const struct schedule_sample *before,
			  const struct schedule_sample *after, struct json *json)
{
	json_key(json, "thread_list");
	json_array_begin(json);
	for (size_t i = 0; i < after->count; i++) {
		struct schedule_thread thread = difference(before, &after->threads[i]);

		write_thread(&thread, json);
	}
	json_array_end(json);
}

void schedule_text_json(const struct schedule_line *line,
			const struct schedule_sample *before,
			const struct schedule_sample *after, struct writer *w)
{
	struct json json = json_to(w);

	json_object_begin(&json);
	json_key_i64(&json, "elapsed_ns", (int64_t)line->elapsed_ns);
	json_key_i64(&json, "period_ns", (int64_t)line->period_ns);
	json_key_i64(&json, "processors", line->processors);
	json_key_i64(&json, "idle_processors", line->idle_processors);
	json_key_double(&json, "quota", line->quota);
	json_key_i64(&json, "threads", (int64_t)line->threads);
	json_key_i64(&json, "running", (int64_t)line->running);
	json_key_i64(&json, "runnable", (int64_t)line->runnable);
	json_key_i64(&json, "blocked", (int64_t)line->blocked);
	json_key(&json, "queues");
	json_array_begin(&json);
	for (int i = 0; i < line->queue_count; i++)
		json_i64(&json, line->queues[i]);
	json_array_end(&json);
	write_counters(line, &json);
	if (after != NULL)
		write_threads(before, after, &json);
	json_object_end(&json);
	writer_char(w, '\n');
}

void schedule_text_add(struct schedule_total *total, const struct schedule_line *line)
{
	struct schedule_line *sums = &total->sums;

	total->lines++;
	if (line->threads > total->most_threads)
		total->most_threads = line->threads;
	if (line->runnable > total->most_runnable)
		total->most_runnable = line->runnable;
	sums->elapsed_ns += line->period_ns;
	sums->processors = line->processors;
	sums->quota = line->quota;
	sums->run_ns += line->run_ns;
	sums->delay_ns += line->delay_ns;
	sums->slices += line->slices;
	sums->voluntary += line->voluntary;
	sums->forced += line->forced;
	sums->throttled_ns += line->throttled_ns;
	sums->throttled_periods += line->throttled_periods;
	if (sums->elapsed_ns > 0) {
		sums->average_running = (double)sums->run_ns / (double)sums->elapsed_ns;
		sums->average_runnable =
			(double)sums->delay_ns / (double)sums->elapsed_ns;
	}
}

void schedule_text_total(const struct schedule_total *total, struct writer *w)
{
	const struct schedule_line *sums = &total->sums;

	writer_format(w,
		      "%.1f s on %d processors, at most %zu threads: on average %.2f "
		      "running, %.2f waiting for a processor (at most %zu)\n",
		      (double)sums->elapsed_ns / 1e9, sums->processors,
		      total->most_threads, sums->average_running, sums->average_runnable,
		      total->most_runnable);
	writer_format(w,
		      "%" PRIu64 " times put on a processor, after %.3f ms of waiting on "
		      "average; %" PRIu64 " switches because it waited, %" PRIu64
		      " because it was pushed off\n",
		      sums->slices, mean_wait_ms(sums), sums->voluntary, sums->forced);
	if (sums->quota > 0)
		writer_format(w,
			      "its cgroup may use %.2f processors and was held back for "
			      "%.0f ms in %" PRIu64 " periods\n",
			      sums->quota, ms(sums->throttled_ns),
			      sums->throttled_periods);
}

void schedule_text_total_json(const struct schedule_total *total, struct writer *w)
{
	struct json json = json_to(w);

	json_object_begin(&json);
	json_key(&json, "summary");
	json_object_begin(&json);
	json_key_i64(&json, "lines", (int64_t)total->lines);
	json_key_i64(&json, "elapsed_ns", (int64_t)total->sums.elapsed_ns);
	json_key_i64(&json, "processors", total->sums.processors);
	json_key_double(&json, "quota", total->sums.quota);
	json_key_i64(&json, "most_threads", (int64_t)total->most_threads);
	json_key_i64(&json, "most_runnable", (int64_t)total->most_runnable);
	write_counters(&total->sums, &json);
	json_object_end(&json);
	json_object_end(&json);
	writer_char(w, '\n');
}
