// Source: the print statements of schedtrace in src/runtime/proc.go, Go 1.19 to 1.27.
#include "golang/schedtrace_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "golang/schedtrace.h"

// needspinning came with 1.20; 1.25 sets brackets apart and adds schedticks.
enum { MINOR_NEEDS_SPINNING = 20, MINOR_TICKS = 25 };

void schedtrace_text_head(const struct schedtrace_line *line, struct writer *w)
{
	writer_format(w,
		      "SCHED %" PRId64 "ms: gomaxprocs=%d idleprocs=%d threads=%d "
		      "spinningthreads=%d",
		      line->elapsed_ns / 1000000, line->gomaxprocs, line->idle_processors,
		      line->threads, line->spinning_threads);
	if (line->minor >= MINOR_NEEDS_SPINNING)
		writer_format(w, " needspinning=%d", line->needs_spinning);
	writer_format(w, " idlethreads=%d runqueue=%d", line->idle_threads,
		      line->run_queue);
}

void schedtrace_text_line(const struct schedtrace_line *line, struct writer *w)
{
	bool has_ticks = line->minor >= MINOR_TICKS;

	schedtrace_text_head(line, w);
	writer_text(w, has_ticks ? " [ " : " [");
	for (int i = 0; i < line->processor_count; i++)
		writer_format(w, "%s%" PRIu32, i == 0 ? "" : " ", line->queues[i]);
	writer_text(w, has_ticks ? " ] schedticks=[ " : "]\n");
	if (!has_ticks)
		return;
	for (int i = 0; i < line->processor_count; i++)
		writer_format(w, "%" PRIu32 " ", line->ticks[i]);
	writer_text(w, "]\n");
}

static void write_numbers(struct json *j, const char *key, const uint32_t *numbers,
			  int count)
{
	json_key(j, key);
	json_array_begin(j);
	for (int i = 0; i < count; i++)
		json_i64(j, numbers[i]);
	json_array_end(j);
}

void schedtrace_text_members(const struct schedtrace_line *line, struct json *j)
{
	json_key_i64(j, "elapsed_ns", line->elapsed_ns);
	json_key_i64(j, "gomaxprocs", line->gomaxprocs);
	json_key_i64(j, "idle_processors", line->idle_processors);
	json_key_i64(j, "threads", line->threads);
	json_key_i64(j, "spinning_threads", line->spinning_threads);
	json_key_i64(j, "idle_threads", line->idle_threads);
	json_key_i64(j, "run_queue", line->run_queue);
	write_numbers(j, "queues", line->queues, line->processor_count);
	write_numbers(j, "ticks", line->ticks, line->processor_count);
}

void schedtrace_text_json(const struct schedtrace_line *line, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	schedtrace_text_members(line, &j);
	json_object_end(&j);
	writer_char(w, '\n');
}

void schedtrace_text_add(struct schedtrace_sums *sums, const struct schedtrace_line *line)
{
	uint32_t least = UINT32_MAX, most = 0;
	uint64_t waiting = line->run_queue > 0 ? (uint64_t)line->run_queue : 0;

	for (int i = 0; i < line->processor_count; i++) {
		waiting += line->queues[i];
		least = line->queues[i] < least ? line->queues[i] : least;
		most = line->queues[i] > most ? line->queues[i] : most;
	}
	sums->looks++;
	sums->idle_and_waiting += line->idle_processors > 0 && waiting > 0;
	sums->idle_alone += line->idle_processors > 0 && waiting == 0;
	sums->uneven += line->processor_count > 0 && most - least >= 2;
	sums->idle += line->idle_processors;
	sums->waiting += (double)waiting;
	sums->threads += line->threads;
	sums->gomaxprocs = line->gomaxprocs;
}

static double share(uint64_t looks, const struct schedtrace_sums *sums)
{
	return sums->looks == 0 ? 0 : 100 * (double)looks / (double)sums->looks;
}

static double mean(double sum, const struct schedtrace_sums *sums)
{
	return sums->looks == 0 ? 0 : sum / (double)sums->looks;
}

void schedtrace_text_sums(const struct schedtrace_sums *sums, struct writer *w)
{
	writer_format(w,
		      "%" PRIu64
		      " looks, gomaxprocs=%d: on average %.2f processors idle, "
		      "%.2f goroutines waiting for one, %.1f threads\n",
		      sums->looks, sums->gomaxprocs, mean(sums->idle, sums),
		      mean(sums->waiting, sums), mean(sums->threads, sums));
	writer_format(w,
		      "processors idle while goroutines waited  %5.1f%% of the looks\n"
		      "queues uneven, by two goroutines or more %5.1f%%\n"
		      "processors idle and nothing to run       %5.1f%%\n",
		      share(sums->idle_and_waiting, sums), share(sums->uneven, sums),
		      share(sums->idle_alone, sums));
}

void schedtrace_text_sums_json(const struct schedtrace_sums *sums, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	json_key(&j, "summary");
	json_object_begin(&j);
	json_key_i64(&j, "looks", (int64_t)sums->looks);
	json_key_i64(&j, "gomaxprocs", sums->gomaxprocs);
	json_key_double(&j, "idle_processors", mean(sums->idle, sums));
	json_key_double(&j, "waiting_goroutines", mean(sums->waiting, sums));
	json_key_double(&j, "threads", mean(sums->threads, sums));
	json_key_i64(&j, "looks_idle_and_waiting", (int64_t)sums->idle_and_waiting);
	json_key_i64(&j, "looks_idle_alone", (int64_t)sums->idle_alone);
	json_key_i64(&j, "looks_uneven", (int64_t)sums->uneven);
	json_object_end(&j);
	json_object_end(&j);
	writer_char(w, '\n');
}
