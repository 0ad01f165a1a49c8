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
	bool is_harmless; // a dump that may be ended at any time
	char url[160];    // of the pages on a heap dump, "" until they are there
};

struct recording {
	uint32_t id; // 0: free
	int pid;
	unsigned seconds, rate_hz;
	int64_t start_ms;
	bool collects;   // garbage before, of the kinds that know it
	char kind[32];   // of source/capture.h, or "cpu", "heapdump"
	struct job *job; // NULL: has ended
	struct recording_progress *progress;
	uint32_t profile_id; // what came of it, 0: nothing yet
	char error[512];     // "": none
	char folder[128];    // of a heap dump, "": it is none
	bool is_dumped;      // and it is there
	bool is_unwanted;  // to be forgotten once it has ended: the process that is being
			   // dumped must not be left half-way
	struct job *pages; // on it, NULL: not asked for
};

struct recordings {
	struct recording recordings[RECORDINGS_MAX];
	uint32_t last_id;
};

// Answers "/api/capture" and "/api/cancel" (POST), and what the files process_answers.h
// and taken_dump.h answer.
bool recording_serve(struct site *site, const struct http_request *request,
		     struct http_ticket ticket);

// Whether this server may look at the process.
bool recording_is_allowed(const struct site *site, int pid, struct error *err)
	__attribute__((warn_unused_result));

// Turns what has ended into profiles.
void recording_collect(struct site *site);

// Members of the open object: what can be taken, and what is being taken.
void recording_write_state(struct site *site, struct json *j);
void recording_deinit(struct site *site);

// The work of a job: takes what the recording (context) says and writes the profile.
bool recording_take(void *context, struct str key, struct writer *w, struct error *err);
