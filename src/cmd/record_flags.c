// Parses the options of recording, records, and explains what came of it.
#include "cmd/record_flags.h"

#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "base/writer.h"
#include "cmd/option_word.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/capture_recorded.h"
#include "source/record.h"
#include "source/source.h"
#include "target/perf_event.h"

enum { STACK_BYTES_LEAST = 512 };

static bool parse_count(const char *name, const char *value, uint64_t least,
			uint64_t most, uint32_t *out, struct error *err)
{
	uint64_t number = 0;

	if (value == NULL || !str_to_u64(str_from(value), 10, &number) ||
	    number < least || number > most)
		return error_set(
			err, ERROR_USAGE,
			"--%s wants a number from %llu to %llu, not %s: try goprof "
			"help cpu",
			name, (unsigned long long)least, (unsigned long long)most,
			value == NULL ? "nothing" : value);
	*out = (uint32_t)number;
	return true;
}

bool record_flags_take(struct record_options *options, int argc, char **argv, int *at,
		       bool *is_taken, struct error *err)
{
	const char *value;

	*is_taken = true;
	if (option_word_value(argc, argv, at, "seconds", &value))
		return option_word_seconds(value, &options->seconds, err);
	if (option_word_value(argc, argv, at, "rate", &value))
		return parse_count("rate", value, 1, RECORD_RATE_MAX, &options->rate_hz,
				   err);
	if (option_word_value(argc, argv, at, "stack-bytes", &value))
		return parse_count("stack-bytes", value, STACK_BYTES_LEAST,
				   PERF_STACK_BYTES_MAX, &options->stack_bytes, err);
	*is_taken = option_word_switch(argv, at, "no-children", &options->no_children) ||
		    option_word_switch(argv, at, "no-kernel", &options->no_kernel);
	return true;
}

static void show_progress(void *context, const struct record_progress *progress)
{
	(void)context;
	fprintf(stderr, "\rgoprof: %.0f s, %llu samples ", progress->elapsed_seconds,
		(unsigned long long)progress->samples);
}

// An empty profile is an answer, but one that needs its reason.
static void explain_nothing(const struct record_result *result)
{
	double seconds = (double)result->profile->duration_ns / 1e9;
	double cpu_ms = (double)result->cpu_ns / 1e6;

	if (result->is_kernel_hidden && cpu_ms > 100)
		log_warn("no samples: %.0f ms of CPU in %.1f s were spent in the kernel, "
			 "which an ordinary user may not sample: run goprof with sudo",
			 cpu_ms, seconds);
	else if (result->target_exited && seconds < 0.1)
		log_warn("no samples: it ended after %.0f ms: too short to be sampled: "
			 "try "
			 "--rate 5000",
			 seconds * 1e3);
	else if (cpu_ms < 1)
		log_warn("no samples: it used no CPU in %.1f s, it waits: record for "
			 "longer with --seconds",
			 seconds);
	else if (result->cpu_ns > 5 * (uint64_t)result->profile->period)
		log_warn(
			"no samples: it used %.0f ms of CPU in %.1f s, but in threads or "
			"processes that end before their first sample: try --rate 5000",
			cpu_ms, seconds);
	else
		log_warn("no samples: it used %.0f ms of CPU in %.1f s: record longer "
			 "with "
			 "--seconds, or more often with --rate 1000",
			 cpu_ms, seconds);
}

static void explain(const struct source_spec *source, const struct record_result *result)
{
	double cpu_ns = (double)result->cpu_ns;
	double unsampled_ns = (double)result->profile->quality.unsampled_ns;

	if (source->kind == SOURCE_PROCESS && result->target_exited)
		log_warn(
			"process %d ended after %.1f s: this is what was seen until then",
			source->pid, (double)result->profile->duration_ns / 1e9);
	if (result->profile->quality.samples == 0) {
		explain_nothing(result);
		return;
	}
	if (result->is_kernel_hidden)
		log_warn(
			"time in the kernel is left out: an ordinary user may not sample "
			"it: sudo sysctl -w kernel.perf_event_paranoid=1, or run goprof "
			"with sudo");
	if (!result->is_kernel_hidden && unsampled_ns > 0.2 * cpu_ns && cpu_ns > 3e8)
		log_warn("samples stand for %.1f s of the %.1f s of CPU used: threads "
			 "and processes that end before their next sample are missed: "
			 "try --rate %d",
			 (cpu_ns - unsampled_ns) / 1e9, cpu_ns / 1e9,
			 result->profile->period > 2000000 ? 1000 : 5000);
}

// Where the kernel refuses, libgoprof in the process knows as well. `err` says why the
// kernel does, and stays what it is where there is no libgoprof.
static bool ask_inside(const struct source_spec *source,
		       const struct record_options *options, struct record_result *out,
		       struct error *err)
{
	double seconds =
		options->seconds == 0 ? RECORD_SECONDS_DEFAULT : options->seconds;
	struct record_result result = { 0 };
	struct error why = *err;

	if (source->kind != SOURCE_PROCESS ||
	    (err->code != ERROR_PERMISSION && err->code != ERROR_UNSUPPORTED) ||
	    !capture_recorded_cpu(source->pid, seconds, &result.profile, err))
		return false;
	log_warn("%s", why.text);
	log_warn("so libgoprof in the process was asked: at its own rate, without the "
		 "kernel and without other processes");
	*out = result;
	return true;
}

bool record_flags_run(const struct source_spec *source,
		      const struct record_options *options, struct record_result *out,
		      struct error *err)
{
	struct record_options with_progress = *options;

	if (isatty(STDERR_FILENO) && source->kind == SOURCE_PROCESS)
		with_progress.progress = show_progress;
	if (!record_cpu(source, &with_progress, out, err))
		return ask_inside(source, options, out, err);
	if (with_progress.progress != NULL)
		fprintf(stderr, "\r%40s\r", "");
	explain(source, out);
	return true;
}

bool record_flags_write(const struct profile *profile, const char *path,
			struct error *err)
{
	struct writer w = writer_to_memory();
	bool is_written;

	proto_encode_gzip(profile, &w);
	is_written = file_write(path, writer_contents(&w), err);
	writer_deinit(&w);
	return is_written;
}
