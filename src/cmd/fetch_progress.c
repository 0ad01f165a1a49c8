// Draws the state of requests over itself, and wipes it when they are done.
#include "cmd/fetch_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

// What ends sooner needs no line.
#define QUIET_SECONDS 0.5

static void draw(const struct fetch_progress *progress)
{
	fprintf(stderr, "\r\033[K  %.0f s", progress->elapsed_seconds);
	if (progress->seconds > 0)
		fprintf(stderr, " of %" PRId64 " s", progress->seconds);
	if (progress->count > 1)
		fprintf(stderr, ", %zu of %zu profiles", progress->finished,
			progress->count);
	if (progress->bytes > 0)
		fprintf(stderr, ", %.1f MB received", (double)progress->bytes / 1e6);
	fflush(stderr);
}

static void tick(struct fetch_watch *watch, const struct fetch_progress *progress)
{
	struct fetch_progress_line *line = (struct fetch_progress_line *)watch;

	if (!line->is_terminal)
		return;
	if (progress->finished < progress->count) {
		if (progress->elapsed_seconds >= QUIET_SECONDS) {
			draw(progress);
			line->is_drawn = true;
		}
		return;
	}
	if (line->is_drawn)
		fputs("\r\033[K", stderr);
	line->is_drawn = false;
}

struct fetch_progress_line fetch_progress_line(void)
{
	return (struct fetch_progress_line){
		.watch = { tick },
		.is_terminal = isatty(STDERR_FILENO) != 0,
	};
}
