// The recording loop: signals, rings and time, until there is a profile.
#include "source/record.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/map.h"
#include "binary/symbolize.h"
#include "profile/profile.h"
#include "profile/quality.h"
#include "source/attach.h"
#include "source/debuginfod.h"
#include "source/launch.h"
#include "source/sample_goroutines.h"
#include "source/samples.h"
#include "source/signals.h"
#include "source/source.h"
#include "target/live_memory.h"
#include "target/maps.h"
#include "target/perf_record.h"
#include "target/process.h"

enum {
	STACK_BYTES_FIRST = 8 << 10,
	STACK_BYTES_GROWTH = 4,
	// Up to this rate that much more is nothing, and short recordings have no time to
	// find out that it takes more.
	RATE_WITH_LARGE_STACKS = 250,
	MILLISECOND = 1000000,
	// Records are stamped before they are written: what is younger than this may
	// still be overtaken by an older record of another CPU.
	SETTLE_NS = 5 * MILLISECOND,
	// The first looks come early: stacks that are copied too short show there.
	DRAIN_INTERVAL_FIRST_NS = 10 * MILLISECOND,
	DRAIN_INTERVAL_NS = 200 * MILLISECOND,
	PROGRESS_INTERVAL_NS = 500 * MILLISECOND,
	// Stacks cut off before they were copied whole: more than 1 in 200, and not by
	// chance, and the next events copy more.
	CUT_LEAST = 2,
	CUT_ONE_IN = 200,
	WAITS_FIXED = 2,
};

// One recording. The sink comes first: records arrive through it.
struct record {
	struct attach_sink sink;
	const struct record_options *options;
	struct attach attach;
	struct signals signals;
	struct tally_event event;
	struct samples samples;
	struct launch launch; // pid 0: the target was running already
	int pid;              // of the target
	int pid_fd;           // readable when it has exited, -1: not to be had
	struct sample_goroutines *goroutines;
	struct pollfd *waits; // signals, the process, and rings where that helps
	bool is_ring_gone;    // with the thread it was opened for
	uint64_t start_ns, last_progress_ns;
	uint64_t drain_interval_ns;
	uint64_t walked, cut; // since the events were opened
	struct map holes;     // process and address of each that was met
	bool is_done;
	struct record_result result;
};

static double seconds_of(const struct record *record)
{
	if (record->options->seconds > 0 || record->launch.pid != 0)
		return record->options->seconds;
	return RECORD_SECONDS_DEFAULT;
}

// A function with a large buffer leaves pages of its stack untouched; the kernel cannot
// copy those from an interrupt, and stops there. Once each is a page of zeros, the next
// copies are whole.
static void fill_hole(struct record *record, int pid, const struct perf_sample *sample)
{
	uint64_t sp = sample->registers.value[UNWIND_RSP];
	uint32_t *seen =
		map_put(&record->holes, hash_mix((uint64_t)pid, sp + sample->stack_size));

	if (*seen != MAP_NONE)
		return;
	*seen = 1;
	live_memory_touch(pid, sp + sample->stack_size, sp + PERF_STACK_BYTES_MAX);
}

// What a sample says of how the next ones should be taken.
static void note_cut(struct record *record, const struct perf_record *event)
{
	bool is_cut = record->samples.stack.end == UNWIND_STACK_CUT;

	if (!samples_is_walked(event))
		return;
	record->walked++;
	if (is_cut && event->sample.has_hole)
		fill_hole(record, event->pid, &event->sample);
	else
		record->cut += is_cut;
}

static void take_record(struct attach_sink *sink, const struct perf_record *event)
{
	struct record *record = (struct record *)sink;

	if (record->options->no_children && event->pid != record->pid)
		return;
	samples_take(&record->samples, event);
	if (event->type == PERF_RECORD_SAMPLE)
		note_cut(record, event);
}

static bool attach_running(struct record *record, struct error *err)
{
	struct process_ids seen = { 0 };
	bool is_attached;

	record->attach.options.start = PERF_START_DISABLED;
	is_attached = attach_process(&record->attach, record->pid, &seen, err);
	for (size_t i = 0; i < seen.count && is_attached; i++)
		space_reread(&record->samples.spaces, seen.ids[i]);
	process_ids_deinit(&seen);
	return is_attached;
}

static bool attach_command(struct record *record, const struct source_spec *source,
			   struct error *err)
{
	record->attach.options.start = PERF_START_ON_EXEC;
	record->attach.options.wakes_readers = true; // it may be a Go program
	if (!launch_prepare(&record->launch, source->command, &record->signals.before,
			    err))
		return false;
	record->pid = record->launch.pid;
	if (attach_thread(&record->attach, record->pid, err))
		return launch_go(&record->launch, source->command[0], err);
	launch_cancel(&record->launch);
	return false;
}

// Without its maps every sample would be an address without a name.
static bool check_maps(int pid, struct error *err)
{
	struct maps maps;

	if (!maps_read(pid, &maps, err)) {
		if (err->code != ERROR_PERMISSION)
			return error_wrap(err, "process %d", pid);
		return error_set(err, ERROR_PERMISSION,
				 "process %d: the kernel does not let us see what it has "
				 "mapped (/proc/%d/maps): run goprof with sudo",
				 pid, pid);
	}
	maps_deinit(&maps);
	return true;
}

static bool start_process(struct record *record, int pid, struct error *err)
{
	record->pid = pid;
	if (!process_is_alive(pid))
		return error_set(err, ERROR_NOT_FOUND,
				 "process %d: no such process: try ps -e", pid);
	record->goroutines = sample_goroutines_create(&record->samples, pid);
	record->attach.options.wakes_readers =
		sample_goroutines_is_go(record->goroutines);
	return attach_running(record, err) && check_maps(pid, err);
}

static bool start(struct record *record, const struct source_spec *source,
		  struct error *err)
{
	bool is_started = source->kind == SOURCE_COMMAND
				  ? attach_command(record, source, err)
				  : start_process(record, source->pid, err);

	if (!is_started)
		return false;
	if (record->goroutines == NULL)
		record->goroutines =
			sample_goroutines_create(&record->samples, record->pid);
	record->waits = table_zeroed(WAITS_FIXED + (size_t)record->attach.cpu_count,
				     sizeof(*record->waits));
	record->pid_fd = (int)syscall(SYS_pidfd_open, record->pid, 0);
	record->start_ns = (uint64_t)clock_now_ns();
	record->samples.tally.profile->time_ns = (int64_t)(uint64_t)clock_date_ns();
	return true;
}

static void note_exit(struct record *record)
{
	int status;

	record->result.target_exited = true;
	record->is_done = true;
	if (record->launch.pid == 0)
		return;
	if (waitpid(record->launch.pid, &status, 0) == record->launch.pid)
		record->result.exit_status = launch_exit_status(status);
}

static void take_signals(struct record *record)
{
	struct signals_event event;

	while ((event = signals_next(&record->signals)).number != 0) {
		if (event.number == SIGCHLD)
			continue;
		if (record->launch.pid != 0) {
			signals_forward(event, record->launch.pid);
			continue;
		}
		record->result.is_interrupted = true;
		record->is_done = true;
	}
}

static void report_progress(struct record *record, uint64_t now)
{
	struct record_progress progress = {
		.elapsed_seconds = (double)(now - record->start_ns) / 1e9,
		.samples = record->samples.tally.samples,
	};

	if (record->options->progress == NULL ||
	    now - record->last_progress_ns < PROGRESS_INTERVAL_NS)
		return;
	record->last_progress_ns = now;
	record->options->progress(record->options->context, &progress);
}

// Opens all events anew, with more room for stacks. The few milliseconds in between are
// not recorded.
static void widen_stacks(struct record *record)
{
	uint32_t wanted = record->attach.options.stack_bytes * STACK_BYTES_GROWTH;
	struct error ignored;

	if (record->options->stack_bytes != 0 || record->cut < CUT_LEAST ||
	    record->cut * CUT_ONE_IN < record->walked ||
	    record->attach.options.stack_bytes >= PERF_STACK_BYTES_MAX)
		return;
	attach_stop(&record->attach);
	attach_drain(&record->attach, UINT64_MAX, &record->sink);
	attach_close(&record->attach);
	record->walked = record->cut = 0;
	record->drain_interval_ns = DRAIN_INTERVAL_FIRST_NS;
	record->attach.options.stack_bytes =
		wanted < PERF_STACK_BYTES_MAX ? wanted : PERF_STACK_BYTES_MAX;
	// The target may just have ended; the loop will see that for itself.
	if (!attach_running(record, &ignored))
		attach_close(&record->attach);
}

static uint64_t wait_ns(const struct record *record, uint64_t now)
{
	uint64_t end = record->start_ns + (uint64_t)(seconds_of(record) * 1e9);
	uint64_t wait = attach_fill_time_ns(&record->attach) / 4;

	if (wait > record->drain_interval_ns)
		wait = record->drain_interval_ns;
	if (seconds_of(record) > 0 && now + wait > end)
		wait = now < end ? end - now : 0;
	return wait + MILLISECOND;
}

// Rings wake us only for who must see samples at once.
static size_t list_waits(struct record *record, bool with_rings)
{
	size_t count = WAITS_FIXED;

	record->waits[0] = (struct pollfd){ record->signals.fd, POLLIN, 0 };
	record->waits[1] = (struct pollfd){ record->pid_fd, POLLIN, 0 };
	for (int cpu = 0; with_rings && cpu < record->attach.cpu_count; cpu++) {
		if (record->attach.ring_fds[cpu] >= 0)
			record->waits[count++] =
				(struct pollfd){ record->attach.ring_fds[cpu], POLLIN,
						 0 };
	}
	return count;
}

static void note_gone_rings(struct record *record, size_t wait_count)
{
	for (size_t i = WAITS_FIXED; i < wait_count; i++)
		record->is_ring_gone |= (record->waits[i].revents & ~POLLIN) != 0;
}

// Until it is time to drain, or something has happened to the process or to us.
static void wait_and_look(struct record *record, uint64_t now)
{
	uint64_t due = now + wait_ns(record, now);
	bool is_go = sample_goroutines_is_go(record->goroutines);
	struct pollfd *waits = record->waits;

	do {
		uint64_t wait = due > now ? due - now : 0;
		size_t count = list_waits(record, is_go && !record->is_ring_gone);

		if (is_go && record->is_ring_gone && wait > SETTLE_NS)
			wait = SETTLE_NS;
		poll(waits, count, (int)(wait / MILLISECOND));
		note_gone_rings(record, count);
		if (is_go)
			sample_goroutines_look(record->goroutines, &record->attach);
		now = (uint64_t)clock_now_ns();
	} while (is_go && now < due && waits[0].revents == 0 && waits[1].revents == 0);
}

static void run(struct record *record)
{
	while (!record->is_done) {
		uint64_t now = (uint64_t)clock_now_ns();

		if (seconds_of(record) > 0 &&
		    (double)(now - record->start_ns) >= seconds_of(record) * 1e9)
			break;
		wait_and_look(record, now);
		take_signals(record);
		if (record->waits[1].revents != 0 ||
		    (record->pid_fd < 0 && !process_is_alive(record->pid)))
			note_exit(record);
		now = (uint64_t)clock_now_ns();
		attach_drain(&record->attach, now - SETTLE_NS, &record->sink);
		sample_goroutines_forget(record->goroutines, now - SETTLE_NS);
		if (record->drain_interval_ns < DRAIN_INTERVAL_NS)
			record->drain_interval_ns += record->drain_interval_ns / 4;
		widen_stacks(record);
		report_progress(record, now);
	}
}

// Names the files whose functions have no names, the worst first, when it shows.
static void explain_unnamed(const struct profile_quality *quality,
			    const struct symbolize_result *result)
{
	enum { FILES_MAX = 3, ONE_FRAME_IN = 50 };
	uint64_t below = UINT64_MAX;

	if (quality->unnamed < quality->frames / ONE_FRAME_IN)
		return;
	for (size_t told = 0; told < FILES_MAX; told++) {
		const struct symbolize_finding *worst = NULL;

		for (size_t i = 0; i < result->finding_count; i++) {
			const struct symbolize_finding *finding = &result->findings[i];

			if (finding->unnamed > 0 && finding->unnamed < below &&
			    (worst == NULL || finding->unnamed > worst->unnamed))
				worst = finding;
		}
		if (worst == NULL)
			return;
		below = worst->unnamed;
		log_info("%.*s: %" PRIu64 " of %" PRIu64 " addresses have no name: %.*s",
			 (int)worst->file.n, worst->file.p, worst->unnamed,
			 worst->addresses, (int)worst->text.n, worst->text.p);
	}
}

static void symbolize(struct record *record, struct profile *profile)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct symbolize_options options = {
		.pid = (uint32_t)record->pid,
		.no_kernel = record->attach.options.kernel != PERF_KERNEL_FRAMES,
		.mappings = record->samples.tally.mappings,
		.mapping_count = profile->mapping_count,
	};

	if (record->options->no_symbols)
		return;

	struct debuginfod client;

	debuginfod_init(&client);
	options.modules.server = debuginfod_server(&client);

	struct symbolize_result result = symbolize_profile(profile, &options, &arena);

	debuginfod_deinit(&client);
	profile_quality_count_frames(profile);
	explain_unnamed(&profile->quality, &result);
}

static struct profile_quality assess(const struct record *record,
				     const struct profile *profile)
{
	struct profile_quality quality = {
		.is_known = true,
		.samples = record->samples.tally.samples,
		.lost = record->samples.lost,
		.truncated = samples_truncated(&record->samples),
		.rate_hz = 1000000000u / record->event.period,
		.cpu_ns = record->result.cpu_ns,
	};
	uint64_t sampled_ns = 0;

	for (size_t i = 0; i < profile->sample_count; i++)
		sampled_ns += (uint64_t)profile_values(profile, i)[1];
	if (quality.cpu_ns > sampled_ns)
		quality.unsampled_ns = quality.cpu_ns - sampled_ns;
	return quality;
}

static struct profile *finish_take(struct record *record)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	uint64_t end_ns;
	struct profile *profile;

	attach_stop(&record->attach);
	end_ns = (uint64_t)clock_now_ns();
	attach_drain(&record->attach, UINT64_MAX, &record->sink);
	record->result.cpu_ns = attach_counted_ns(&record->attach);
	record->result.is_kernel_hidden =
		record->attach.options.kernel == PERF_KERNEL_EXCLUDED;
	profile = tally_finish_take(&record->samples.tally, &record->samples.names,
				    record->pid);
	profile->duration_ns = (int64_t)(end_ns - record->start_ns);
	profile->quality = assess(record, profile);
	if (record->result.is_kernel_hidden)
		profile_add_comment(profile, STR("goprof: kernel time was not recorded, "
						 "for lack of permission"));
	sample_goroutines_comment(record->goroutines, profile);
	samples_warn_of_missing_code(&record->samples);
	symbolize(record, profile);
	profile_add_comment(profile, profile_quality_text(profile, &arena));
	return profile;
}

static void init(struct record *record, const struct record_options *options)
{
	uint32_t rate = options->rate_hz == 0 ? RECORD_RATE_DEFAULT : options->rate_hz;
	struct perf_event_options event = {
		.period_ns = 1000000000u / rate,
		.stack_bytes = STACK_BYTES_FIRST,
		.kernel = options->no_kernel ? PERF_KERNEL_SAMPLED : PERF_KERNEL_FRAMES,
		.follow =
			options->no_children ? PERF_FOLLOW_THREADS : PERF_FOLLOW_CHILDREN,
		.has_counts = true,
	};

	if (rate <= RATE_WITH_LARGE_STACKS)
		event.stack_bytes *= STACK_BYTES_GROWTH;
	if (options->stack_bytes != 0)
		event.stack_bytes = options->stack_bytes / 8 * 8;
	record->sink.record = take_record;
	record->options = options;
	record->pid_fd = -1;
	record->drain_interval_ns = DRAIN_INTERVAL_FIRST_NS;
	attach_init(&record->attach, &event);
	record->event =
		(struct tally_event){ STR("cpu"), STR("nanoseconds"), event.period_ns };
	samples_init(&record->samples, CODE_LIVE, &record->event, 1);
	record->signals = signals_open();
}

static void deinit(struct record *record)
{
	signals_close(&record->signals);
	sample_goroutines_destroy(record->goroutines);
	samples_deinit(&record->samples);
	free(record->waits);
	map_deinit(&record->holes);
	attach_deinit(&record->attach);
	if (record->pid_fd >= 0)
		close(record->pid_fd);
	free(record);
}

bool record_cpu(const struct source_spec *source, const struct record_options *options,
		struct record_result *out, struct error *err)
{
	struct record *record = calloc(1, sizeof(*record));
	bool is_started;

	if (record == NULL)
		arena_out_of_memory(sizeof(*record));
	init(record, options);
	is_started = start(record, source, err);
	if (is_started) {
		run(record);
		if (record->launch.pid != 0 && !record->result.target_exited)
			record->result.running_pid = record->launch.pid;
		record->result.profile = finish_take(record);
		*out = record->result;
	}
	deinit(record);
	return is_started;
}

int record_wait_command(int running_pid)
{
	struct signals signals = signals_open();
	struct pollfd wait = { signals.fd, POLLIN, 0 };
	int status;

	while (waitpid(running_pid, &status, WNOHANG) == 0) {
		struct signals_event event;

		poll(&wait, 1, -1);
		while ((event = signals_next(&signals)).number != 0)
			signals_forward(event, running_pid);
	}
	signals_close(&signals);
	return launch_exit_status(status);
}
