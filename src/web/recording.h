// Profiles being taken of live processes, for the pages.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;
struct http_request;
struct http_ticket;
struct json;
struct job;
struct site;
struct writer;

enum { RECORDINGS_MAX = 8, RECORDING_SECONDS_MAX = 600 };

// Shared with the child that records.
struct recording_progress {
	double elapsed_seconds;
	uint64_t samples;
};

struct recording {
	uint32_t id; // 0: free
	int pid;
	unsigned seconds, rate_hz;
	bool collects;   // garbage before, of the kinds that know it
	char kind[32];   // of source/capture.h, or "cpu"
	struct job *job; // NULL: has ended
	struct recording_progress *progress;
	uint32_t profile_id; // what came of it, 0: nothing yet
	char error[512];     // "": none
};

struct recordings {
	struct recording recordings[RECORDINGS_MAX];
	uint32_t last_id;
};

// Answers "/api/capture" and "/api/cancel" (POST), and "/api/process": what one gives.
bool recording_serve(struct site *site, const struct http_request *request,
		     struct http_ticket ticket);

// Turns what has ended into profiles.
void recording_collect(struct site *site);

// Members of the open object: what can be taken, and what is being taken.
void recording_write_state(struct site *site, struct json *j);
void recording_deinit(struct site *site);

// The work of a job: takes what the recording (context) says and writes the profile.
bool recording_take(void *context, struct str key, struct writer *w, struct error *err);
