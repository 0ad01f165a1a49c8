// What a request is answered with, and the head that says so. Allocates nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct http_request;

// Zero-initialised is an empty 200. The body is borrowed until the exchange has ended; a
// stream (pipe, socket or file) belongs to the server from then on, which reads it
// without blocking.
struct http_reply {
	int status;          // 0: 200
	const char *type;    // its media type, NULL: plain text
	const char *headers; // further lines, each ended by "\r\n"; NULL: none
	struct str body;
	bool has_stream; // the body is what `stream` yields until its end
	int stream;
};

enum { HTTP_SIZE_UNKNOWN = -1 };

// Writes the head, terminated; body_size may be unknown: the body is then chunked, or
// ends with the connection. Returns its length, 0: the buffer is too small.
size_t http_reply_head(const struct http_reply *reply, const struct http_request *request,
		       int64_t body_size, char *buffer, size_t size);

// "Not Found"; "Unknown" for statuses that are none of ours.
const char *http_reply_reason(int status);
