// A small HTTP/1.1 server for one thread: GET, HEAD, and POST of small forms, over TCP
// and Unix sockets. It allocates nothing, so that it can live in somebody else's process.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "http/connection.h"
#include "http/listen.h"
#include "http/reply.h"
#include "http/request.h"

enum { HTTP_CONNECTIONS_MAX = 256, HTTP_WATCHED_MAX = 64 };

// One exchange; stays valid as a name when the exchange has ended.
struct http_ticket {
	uint32_t slot, serial;
};

// `serve` answers by http_server_reply, at once or later. `ended` (may be NULL) is called
// once for each exchange that was served: the reply is out, or the client has gone,
// perhaps before there was a reply. Until then the reply's body must stay.
struct http_handler {
	void *context;
	void (*serve)(void *context, const struct http_request *request,
		      struct http_ticket ticket);
	void (*ended)(void *context, struct http_ticket ticket);
};

// Milliseconds; zero is the default.
struct http_limits {
	unsigned head_ms; // from the first byte of a request to its last: 10 s
	unsigned idle_ms; // between requests: 60 s
	unsigned send_ms; // without a byte taken by the client: 30 s
};

// Plain data. The caller owns the listener and the slots, which it zeroes; a slot takes
// sizeof(struct http_connection), touched only when used.
struct http_server {
	struct http_listener *listener;
	struct http_handler handler;
	struct http_connection *connections;
	size_t count; // at most HTTP_CONNECTIONS_MAX
	struct http_limits limits;
	struct str own_name;     // what Host may say beside loopback names and addresses
	int64_t accept_after_ms; // the server's own
};

// Waits until something happens or timeout_ms have passed (negative: no limit) and does
// what can be done without blocking. The caller's own descriptors, at most
// HTTP_WATCHED_MAX, are polled along; their revents are set.
void http_server_step(struct http_server *server, struct pollfd *watched,
		      size_t watched_count, int timeout_ms);

// False when the client has gone; a stream is taken over in any case.
bool http_server_reply(struct http_server *server, struct http_ticket ticket,
		       const struct http_reply *reply);

// Closes the connections, telling the handler; the listener stays.
void http_server_deinit(struct http_server *server);
