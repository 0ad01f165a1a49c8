// Profiles being taken of live processes for the pages.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct http_request;
struct http_ticket;
struct json;
struct job;
struct site;

enum { CAPTURES_MAX = 8, CAPTURE_SECONDS_MAX = 600 };

// Shared with the child that records.
struct capture_progress {
	double elapsed_seconds;
	uint64_t samples;
};

struct capture {
	uint32_t id; // 0: free
	int pid;
	unsigned seconds, rate_hz;
	const char *kind;
	struct job *job; // NULL: has ended
	struct capture_progress *progress;
	uint32_t profile_id; // what came of it, 0: nothing yet
	char error[512];     // "": none
};

struct captures {
	struct capture captures[CAPTURES_MAX];
	uint32_t last_id;
};

// Answers "/api/capture" and "/api/cancel" (POST) and "/api/captures".
bool capture_serve(struct site *site, const struct http_request *request,
		   struct http_ticket ticket);

// Turns what has ended into profiles.
void capture_collect(struct site *site);

// Members of the open object: what can be taken, and what is being taken.
void capture_write_state(struct site *site, struct json *j);
void capture_deinit(struct site *site);
