// One request as libcurl wants it told.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "source/curl_library.h"

struct error;
struct fetch;
struct fetch_options;

// What all requests of one fetch_all share. Zero-initialised is empty.
struct fetch_session {
	const struct curl_library *curl;
	const struct fetch_options *options;
	struct curl_slist *headers;
};

// Checks the options before anything is sent, and reads the token.
bool fetch_session_init(struct fetch_session *session, const struct curl_library *curl,
			const struct fetch_options *options, struct error *err)
	__attribute__((warn_unused_result));
void fetch_session_deinit(struct fetch_session *session);

// A request under way. It stays where it is from fetch_request_init on.
struct fetch_request {
	const struct fetch_session *session;
	struct fetch *fetch;
	CURL *easy;
	char cause[CURL_ERROR_SIZE]; // libcurl's words
	char status[128];            // "404 Not Found"
	bool is_from_pprof, is_plain_text;
	bool is_stalled, is_too_large;
	size_t capacity;  // of fetch->bytes
	double last_news; // when bytes came last, on the monotonic clock
	curl_off_t received;
};

bool fetch_request_init(struct fetch_request *request,
			const struct fetch_session *session, struct fetch *fetch);
void fetch_request_deinit(struct fetch_request *request);

// Seconds of the monotonic clock.
double fetch_request_now(void);
