// Lines as things happen in the process, sent for as long as the client listens:
// collections of a Go program, and the kernel's scheduling of any.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/str.h"

struct error;

enum { STREAMS_MAX = 8, STREAM_PERIOD_MS = 1000 };

// The children that write them. Zero-initialised is empty.
struct streams {
	pid_t children[STREAMS_MAX]; // 0: free
};

struct stream_wish {
	struct str kind; // "gctrace", "schedtrace"
	int pid;
	unsigned seconds;   // 0: until the client leaves
	unsigned period_ms; // of schedtrace, 0: STREAM_PERIOD_MS
};

bool stream_is_kind(struct str kind);

// *out is the end of a pipe that yields the lines, for the caller to close. The writer
// ends when the pipe is closed, the process ends or the time is over.
bool streams_start(struct streams *streams, const struct stream_wish *wish, int *out,
		   struct error *err) __attribute__((warn_unused_result));

// Reaps writers that have ended.
void streams_collect(struct streams *streams);
void streams_deinit(struct streams *streams);
