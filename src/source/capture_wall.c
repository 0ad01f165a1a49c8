// Looks at the goroutines at a steady rate until the time is up, the process ends or the
// user has seen enough.
#include "source/capture_wall.h"

#include <poll.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "golang/wall.h"
#include "profile/profile.h"
#include "source/capture.h"
#include "source/signals.h"
#include "target/process.h"

enum {
	RATE_DEFAULT = 100,
	SECONDS_DEFAULT = 10,
	SECONDS_OF_COMMAND = 10000000, // it ends before
};

#define NS_A_SECOND INT64_C(1000000000)

static bool is_end(struct signals_event event)
{
	return event.number == SIGINT || event.number == SIGTERM ||
	       event.number == SIGHUP || event.number == SIGQUIT;
}

// Sleeps until a time; false when a signal asks to end.
static bool sleep_until(const struct signals *signals, int64_t when_ns)
{
	struct pollfd fd = { .fd = signals->fd, .events = POLLIN };
	int64_t left;

	while ((left = when_ns - clock_now_ns()) > 0) {
		struct timespec timeout = { left / NS_A_SECOND, left % NS_A_SECOND };

		if (ppoll(&fd, 1, &timeout, NULL) > 0 && is_end(signals_next(signals)))
			return false;
	}
	return true;
}

struct recording {
	struct capture_target *target;
	struct wall wall;
	int64_t period_ns, start_ns, end_ns;
	bool has_ended; // the process
};

static bool record(struct recording *recording, const struct signals *signals,
		   struct error *err)
{
	int64_t last = recording->start_ns, next = last;

	while (sleep_until(signals, next += recording->period_ns)) {
		int64_t now = clock_now_ns();

		if (!wall_look(&recording->wall, now - last, err)) {
			recording->has_ended = !process_is_alive(recording->target->pid);
			recording->end_ns = now;
			return recording->has_ended && recording->wall.looks > 0;
		}
		last = now;
		now = clock_now_ns();
		if (now >= recording->end_ns)
			break;
		// Where looks take longer than the period there are fewer of them.
		if (now - next > recording->period_ns)
			next = now;
	}
	recording->end_ns = clock_now_ns();
	return true;
}

static void note(const struct recording *recording, struct capture_notes *notes)
{
	double seconds = (double)(recording->end_ns - recording->start_ns) / 1e9;
	double rate = (double)recording->wall.looks / seconds;
	double wanted = (double)NS_A_SECOND / (double)recording->period_ns;

	if (recording->has_ended && recording->target->command_pid != 0)
		return;
	if (recording->has_ended)
		capture_notes_add(notes,
				  "process %d ended: this is what was seen until "
				  "then",
				  recording->target->pid);
	else if (rate < 0.8 * wanted)
		capture_notes_add(
			notes,
			"%.0f looks a second instead of %.0f: there are too many "
			"goroutines for more; each counts for the time it stands "
			"for",
			rate, wanted);
}

bool capture_wall_profile(struct capture_target *target,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct profile **out,
			  struct error *err)
{
	double seconds = target->command_pid != 0 ? SECONDS_OF_COMMAND : SECONDS_DEFAULT;
	uint32_t rate = options->rate_hz > 0 ? options->rate_hz : RATE_DEFAULT;
	struct recording recording = {
		.target = target,
		.period_ns = NS_A_SECOND / rate,
		.start_ns = clock_now_ns(),
	};
	struct signals signals = signals_open();
	bool is_recorded;

	signals.command = target->command_pid;
	if (options->seconds > 0)
		seconds = options->seconds;
	recording.end_ns = recording.start_ns + (int64_t)(seconds * 1e9);
	wall_init(&recording.wall, target->go);
	recording.wall.hides_idle = options->hides_idle;
	is_recorded = record(&recording, &signals, err);
	signals_close(&signals);
	if (is_recorded) {
		*out = wall_finish_take(&recording.wall);
		(*out)->duration_ns = recording.end_ns - recording.start_ns;
		(*out)->period = recording.period_ns;
		note(&recording, notes);
	}
	wall_deinit(&recording.wall);
	return is_recorded || error_wrap(err, "process %d", target->pid);
}
