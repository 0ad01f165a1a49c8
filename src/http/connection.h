// One connection: input is gathered into a request, a reply is pushed out, never
// blocking. Allocates nothing; server.c decides what happens when.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "http/request.h"

struct http_reply;

enum { HTTP_OUTPUT_MAX = 16384 };

enum http_phase {
	HTTP_FREE,     // no connection in this slot
	HTTP_READING,  // the request is not whole yet
	HTTP_WAITING,  // whoever serves has not replied yet
	HTTP_SENDING,  // the reply is on its way
	HTTP_DRAINING, // all is said; the client's last words are dropped
};

enum http_progress {
	HTTP_STALLED, // nothing more can be done now
	HTTP_MOVED,   // some bytes went
	HTTP_DONE,    // the reply is out
	HTTP_BROKEN,  // the client or the stream failed
};

// Zeroed memory is a free slot.
struct http_connection {
	enum http_phase phase;
	int fd;
	uint32_t serial;     // counts the exchanges of this slot
	bool is_local;       // over a Unix socket
	bool is_served;      // a handler knows of this exchange
	bool has_ended;      // the client will send no more
	int64_t deadline_ms; // of the monotonic clock; 0: none
	size_t input_used;   // bytes gathered
	size_t request_size; // of those, the current request's; 0: not whole yet
	struct http_request request;

	size_t output_used, output_sent;
	struct str body; // what is left of it
	bool has_stream, is_chunked;
	int stream;

	char input[HTTP_INPUT_MAX], output[HTTP_OUTPUT_MAX];
};

void http_connection_open(struct http_connection *c, int fd, bool is_local);
void http_connection_close(struct http_connection *c);

// Reads what is there; false when nothing more will come or reading failed.
bool http_connection_read(struct http_connection *c);

enum http_arrival {
	HTTP_INCOMPLETE,
	HTTP_ARRIVED, // c->request is whole
	HTTP_REFUSED, // *status says why; nothing after it can be understood
};

enum http_arrival http_connection_parse(struct http_connection *c, int *status,
					const char **why);

// Takes over the reply's stream, also where it fails.
void http_connection_reply(struct http_connection *c, const struct http_reply *reply);

enum http_progress http_connection_send(struct http_connection *c);

// Whether the reply waits for its stream rather than for the client.
bool http_connection_waits_for_stream(const struct http_connection *c);

// After HTTP_DONE: forgets the request; what came behind it is kept.
void http_connection_next(struct http_connection *c);
