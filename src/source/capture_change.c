// Rates are single words that any other value between may pass through. A collection is
// due when the last one is two minutes ago: one byte of that time is enough to say so.
#include "source/capture_change.h"

#include <poll.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "source/capture.h"
#include "source/signals.h"
#include "target/process.h"

enum { COLLECTIONS = 2, POLL_MS = 5, COLLECT_LIMIT_MS = 10000 };

// forcegcperiod of src/runtime/proc.go.
static const uint64_t force_period_ns = 120000000000;

double capture_change_wait(const struct capture_target *target, double seconds)
{
	struct signals signals = signals_open();
	struct pollfd poll_fd = { .fd = signals.fd, .events = POLLIN };
	uint64_t start = (uint64_t)clock_now_ns(),
		 limit = start + (uint64_t)(seconds * 1e9);
	bool is_ended = false;

	signals.command = target->command_pid;
	while (!is_ended && (uint64_t)clock_now_ns() < limit) {
		uint64_t left_ms = (limit - (uint64_t)clock_now_ns()) / 1000000 + 1;
		struct signals_event event;

		poll(&poll_fd, 1, left_ms < 1000 ? (int)left_ms : 1000);
		while ((event = signals_next(&signals)).number != 0)
			is_ended |= event.number == SIGINT || event.number == SIGTERM ||
				    (event.number == SIGCHLD &&
				     !process_is_alive(target->pid));
	}
	signals_close(&signals);
	return (double)((uint64_t)clock_now_ns() - start) / 1e9;
}

bool capture_change_begin(struct capture_target *target, struct str variable,
			  uint64_t value, struct capture_notes *notes,
			  struct capture_change *out, struct error *err)
{
	struct capture_change change = { .is_changed = false };

	if (!go_knob_open(target->go, variable, 0, sizeof(uint64_t), &change.knob, err))
		return false;
	if (change.knob.initial != value) {
		if (!go_knob_write(&change.knob, value, err))
			return false;
		change.is_changed = true;
		capture_notes_add(notes, "set %.*s of process %d from %lld to %lld",
				  (int)variable.n, variable.p, target->pid,
				  (long long)change.knob.initial, (long long)value);
	}
	*out = change;
	return true;
}

bool capture_change_end(struct capture_change *change, struct capture_notes *notes,
			struct error *err)
{
	const struct go_knob *knob = &change->knob;

	if (!change->is_changed)
		return true;
	change->is_changed = false;
	if (!go_knob_write(knob, knob->initial, err))
		return false;
	capture_notes_add(notes, "set %.*s back to %lld", (int)knob->name.n, knob->name.p,
			  (long long)knob->initial);
	return true;
}

// The time with its highest byte that is not zero taken away.
static uint64_t without_highest_byte(uint64_t value)
{
	int shift = 56;

	while (shift > 0 && value >> shift == 0)
		shift -= 8;
	return value & ~((uint64_t)0xff << shift);
}

static uint32_t collections(const struct go_process *process, uint64_t memstats)
{
	return (uint32_t)go_process_read_number(
		process, memstats + (uint64_t)process->layout->memstats.numgc, 4);
}

static bool await_collection(const struct go_process *process, uint64_t memstats,
			     uint32_t before)
{
	static const struct timespec pause = { .tv_nsec = POLL_MS * 1000000 };

	for (int waited = 0; waited < COLLECT_LIMIT_MS; waited += POLL_MS) {
		if (collections(process, memstats) != before)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

// The runtime sets the time itself when the collection has ended.
static bool collect_once(struct capture_target *target, struct error *err)
{
	const struct go_process *process = target->go;
	struct go_knob knob;
	uint64_t memstats, earlier;
	uint32_t before;

	if (!go_process_need(process, STR("runtime.memstats"), &memstats, err) ||
	    !go_knob_open(process, STR("runtime.memstats"),
			  process->layout->memstats.last_gc_nanotime, sizeof(uint64_t),
			  &knob, err))
		return false;
	earlier = knob.initial == 0 ? 1 : without_highest_byte(knob.initial);
	if (earlier + force_period_ns > (uint64_t)clock_now_ns())
		return error_set(err, ERROR_UNSUPPORTED,
				 "no collection can be forced: this machine has not run "
				 "for two minutes yet");
	before = collections(process, memstats);
	if (!go_knob_write(&knob, earlier, err))
		return false;
	if (await_collection(process, memstats, before))
		return true;
	return go_knob_write(&knob, knob.initial, err) &&
	       error_set(err, ERROR_UNSUPPORTED,
			 "process %d did not collect garbage within %d s: it is idle, or "
			 "GOGC is off",
			 target->pid, COLLECT_LIMIT_MS / 1000);
}

bool capture_change_collect(struct capture_target *target, struct capture_notes *notes,
			    struct error *err)
{
	uint64_t start = (uint64_t)clock_now_ns();

	for (int i = 0; i < COLLECTIONS; i++)
		if (!collect_once(target, err))
			return false;
	capture_notes_add(notes, "made process %d collect garbage twice, in %.0f ms",
			  target->pid, (double)((uint64_t)clock_now_ns() - start) / 1e6);
	return true;
}
