// Asks servers for profiles, several at once: http, https and Unix sockets.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "source/url.h"

struct writer;

// What a user adds to each request; zero-initialised is nothing, and so is "".
struct fetch_options {
	const char **headers; // "Name: value"
	size_t header_count, header_capacity;
	const char *bearer_token_file; // its text is sent as "Authorization: Bearer TEXT"
	const char *tls_cert, *tls_key, *tls_ca; // PEM files
	uint32_t connect_ms; // how long connecting may take, 0: as long as libcurl waits
};

// No answer may be larger that has no sink.
#define FETCH_LIMIT ((size_t)1 << 30)

// One request and its outcome. A server that sends nothing for the URL's timeout and five
// seconds more has failed.
struct fetch {
	const struct url *url;
	struct str post; // the body of a POST; p NULL: a GET
	// Where the body of a 200 goes in place of `bytes`, whatever its size; NULL:
	// nowhere.
	struct writer *sink;

	bool is_answered; // by a server, whatever it said
	bool is_done;     // answered with 200; err says why not otherwise
	uint8_t *bytes;   // the body, for free()
	size_t size;      // of it, or of what went to the sink
	struct error err; // the cause alone: the caller knows what it asked for
};

struct fetch_progress {
	size_t count, finished;
	uint64_t bytes; // received so far
	double elapsed_seconds;
	int64_t seconds; // the longest that a server measures, 0: not said
};

// Told several times a second while requests are under way, and when all are done.
struct fetch_watch {
	void (*tick)(struct fetch_watch *watch, const struct fetch_progress *progress);
};

// Performs all of them concurrently. Proxies are those of the environment, as Go reads
// it: never for loopback or Unix sockets. Redirections are followed, but not with headers
// of the user's, which are meant for the server that was named. watch may be NULL.
void fetch_all(struct fetch *fetches, size_t count, const struct fetch_options *options,
	       struct fetch_watch *watch);

// Frees the bodies.
void fetch_deinit(struct fetch *fetches, size_t count);
