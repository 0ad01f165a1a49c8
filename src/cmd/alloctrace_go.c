// Filters choose what is shown; totals and profiles are of everything.
#include "cmd/alloctrace_go.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/map.h"
#include "base/regexp.h"
#include "base/writer.h"
#include "cmd/alloctrace_go_total.h"
#include "cmd/alloctrace_read.h"
#include "cmd/record_flags.h"
#include "golang/code.h"
#include "golang/process.h"
#include "profile/profile.h"
#include "source/capture.h"
#include "source/go_allocations.h"
#include "source/signals.h"
#include "target/process.h"

// The ring of the probes has room for some 50,000 allocations.
enum { LOOK_NS = 5000000 };

struct watch {
	const struct alloctrace_read_options *options;
	struct alloctrace_go_options how;
	struct go_process *process;
	struct go_allocations *allocations;
	struct regexp *focus;
	struct map in_focus; // by stack: 1 or 0
	struct signals signals;
	struct writer w;
	double seconds; // that passed
};

static bool has_function_in_focus(const struct watch *watch, struct alloc_stack stack)
{
	struct go_code *code = watch->process->code;

	for (size_t i = 0; i < stack.count; i++) {
		const struct go_point *point =
			go_code_lines(code, go_code_at(code, stack.pcs[i]));

		for (size_t j = 0; j < point->line_count; j++) {
			if (regexp_matches(watch->focus, point->lines[j].name))
				return true;
		}
	}
	return false;
}

static bool is_in_focus(struct watch *watch, const struct alloc_text_event *event)
{
	uint32_t *verdict;

	if (watch->focus == NULL)
		return true;
	verdict = map_put(&watch->in_focus, event->event->stack);
	if (*verdict == MAP_NONE)
		*verdict = has_function_in_focus(watch, event->stack);
	return *verdict != 0;
}

// By the address, as of other programs, or by the time.
static bool is_one_in(const struct alloc_event *event, uint64_t rate)
{
	uint64_t key = event->address != 0 ? event->address >> 3 : event->time_ns;

	return rate <= 1 || (key * 0x9e3779b97f4a7c15 >> 32) % rate == 0;
}

static void show(struct watch *watch, const struct alloc_text_event *event)
{
	const struct alloctrace_read_options *options = watch->options;

	if (options->form != ALLOCTRACE_EVENTS ||
	    event->event->size < options->min_size ||
	    event->event->size > options->max_size ||
	    !is_one_in(event->event, options->rate) || !is_in_focus(watch, event))
		return;
	if (options->is_json)
		alloc_text_event_json(event, watch->process->code, &watch->w);
	else
		alloc_text_event(event, watch->process->code, &watch->w);
}

static double now(void)
{
	return (double)clock_now_ns() / 1e9;
}

// False when a signal ends the trace.
static bool wait_for_look(const struct watch *watch)
{
	static const struct timespec pause = { .tv_nsec = LOOK_NS };
	struct pollfd wait = { .fd = watch->signals.fd, .events = POLLIN };

	if (ppoll(&wait, 1, &pause, NULL) <= 0)
		return true;
	for (;;) {
		int number = signals_next(&watch->signals).number;

		if (number == 0)
			return true;
		if (number == SIGINT || number == SIGTERM || number == SIGHUP)
			return false;
	}
}

// What has come, up to a time; false when it is over.
static bool drain(struct watch *watch, double end)
{
	struct alloc_text_event event;

	while (go_allocations_next(watch->allocations, &event)) {
		if ((double)event.event->time_ns / 1e9 >= end)
			return false;
		show(watch, &event);
	}
	return now() < end;
}

static bool follow(struct watch *watch, struct error *err)
{
	double start = now(), seconds = watch->how.seconds;
	bool goes_on = true, is_alive = true;

	while (goes_on) {
		is_alive = process_is_alive(watch->process->pid);
		goes_on = drain(watch, start + seconds) && is_alive;
		if (!writer_finish(&watch->w, err))
			return error_wrap(err, "standard output");
		goes_on = goes_on && wait_for_look(watch);
	}
	if (!is_alive)
		log_info("the program has ended");
	watch->seconds = now() - start;
	return true;
}

static bool write_result(struct watch *watch, struct error *err)
{
	struct profile *profile;
	bool is_written = true;

	if (watch->options->form == ALLOCTRACE_TOTAL)
		(watch->options->is_json
			 ? alloctrace_go_total_json
			 : alloctrace_go_total)(watch->allocations, watch->process->code,
						watch->seconds, &watch->w);
	if (watch->options->form == ALLOCTRACE_PROFILE) {
		profile = go_allocations_profile(watch->allocations);
		is_written = record_flags_write(profile, watch->options->output, err);
		profile_destroy(profile);
	}
	return is_written &&
	       (writer_finish(&watch->w, err) || error_wrap(err, "standard output"));
}

static void say_begin(const struct watch *watch)
{
	struct alloc_probe_counts counts = go_allocations_counts(watch->allocations);

	log_info("the program is watched for %g s, at %zu places in its code; each "
		 "allocation costs it some microseconds, and frees cannot be seen",
		 watch->how.seconds, counts.probes);
}

static void say_counts(const struct watch *watch)
{
	struct alloc_probe_counts counts = go_allocations_counts(watch->allocations);
	struct go_allocation_sums sums;

	go_allocations_sum(watch->allocations, &sums);
	log_info("%llu allocations in %.1f s; taking the probes away",
		 (unsigned long long)sums.count, watch->seconds);
	go_allocation_sums_deinit(&sums);
	if (counts.lost > 0)
		log_warn("%llu hits of probes were lost, and %llu allocations left out "
			 "for that: goprof was too slow for them; --total, --profile "
			 "and --brief have less to do",
			 (unsigned long long)counts.lost,
			 (unsigned long long)counts.damaged);
}

// Addresses cost the program several times as much as the rest.
static bool set_probes(struct watch *watch, struct error *err)
{
	bool has_addresses =
		watch->options->form == ALLOCTRACE_EVENTS && !watch->how.is_brief;

	return go_allocations_open(watch->process,
				   has_addresses ? ALLOC_WITH_ADDRESSES
						 : ALLOC_WITHOUT_ADDRESSES,
				   &watch->allocations, err);
}

static bool watch_process(struct watch *watch, struct error *err)
{
	bool is_done;

	if (!set_probes(watch, err))
		return false;
	say_begin(watch);
	watch->signals = signals_open();
	watch->w = writer_to_fd(STDOUT_FILENO);
	is_done = follow(watch, err) && write_result(watch, err);
	say_counts(watch);
	writer_deinit(&watch->w);
	signals_close(&watch->signals);
	go_allocations_close(watch->allocations);
	return is_done;
}

static bool check(const struct alloctrace_read_options *options, struct error *err)
{
	if (options->form == ALLOCTRACE_FAULTS)
		return error_set(err, ERROR_USAGE,
				 "--faults: frees of a Go program cannot be seen from "
				 "outside: try --total, or goprof heap");
	if (options->output != NULL && options->form != ALLOCTRACE_PROFILE)
		return error_set(err, ERROR_USAGE,
				 "-o FILE goes with --profile for a Go program: its "
				 "trace is text");
	return true;
}

bool alloctrace_go(const struct capture_target *target,
		   const struct alloctrace_read_options *options,
		   struct alloctrace_go_options how, struct error *err)
{
	struct watch watch = { .options = options, .how = how, .process = target->go };
	bool is_done;

	if (!check(options, err))
		return false;
	if (options->focus != NULL &&
	    !regexp_create(str_from(options->focus), &watch.focus, err))
		return error_wrap(err, "--focus");
	is_done = watch_process(&watch, err);
	map_deinit(&watch.in_focus);
	if (watch.focus != NULL)
		regexp_destroy(watch.focus);
	return is_done;
}
