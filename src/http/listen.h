// Listening sockets by the words users name them with. Allocates nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;

struct http_listener {
	int fd;
	bool is_unix;
	bool is_loopback; // nothing beyond this machine can reach it
	uint16_t port;    // of TCP
	char name[108];   // the address without its port, or the socket's path
};

// "HOST:PORT" with an address or "localhost" (also meant by an empty HOST), port 0 for a
// free one; "[::1]:PORT"; "unix:PATH" or a path with a '/'. Unix sockets are for their
// owner alone; one that nobody serves any more is replaced.
bool http_listen(const char *word, struct http_listener *out, struct error *err)
	__attribute__((warn_unused_result));

// Closes, and removes the socket's file.
void http_listener_close(struct http_listener *listener);

// The next connection, not blocking; -1: none. Of a Unix socket only peers of the same
// user or root get one.
int http_listener_accept(const struct http_listener *listener);
