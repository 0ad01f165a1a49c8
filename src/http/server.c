// The loop over connections: who is read, who is served, who has waited too long.
#include "http/server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/guard.h"

enum {
	HEAD_MS = 10000,
	IDLE_MS = 60000,
	SEND_MS = 30000,
	DRAIN_MS = 2000,
	RETRY_MS = 100, // after the process ran out of descriptors
	MOVES_MAX = 64, // of one connection before the others have their turn
	POLLS_MAX = 1 + HTTP_WATCHED_MAX + 2 * HTTP_CONNECTIONS_MAX,
};

static int64_t in_ms(unsigned wanted, unsigned otherwise)
{
	return clock_now_ms() + (wanted == 0 ? otherwise : wanted);
}

static struct http_ticket ticket_of(const struct http_server *server,
				    const struct http_connection *c)
{
	return (struct http_ticket){ (uint32_t)(c - server->connections), c->serial };
}

static void end_exchange(struct http_server *server, struct http_connection *c)
{
	bool is_served = c->is_served;

	c->is_served = false;
	if (is_served && server->handler.ended != NULL)
		server->handler.ended(server->handler.context, ticket_of(server, c));
}

static void hang_up(struct http_server *server, struct http_connection *c)
{
	end_exchange(server, c);
	http_connection_close(c);
}

// The body of a refusal is made in the input, which is not read any more.
static void refuse(struct http_server *server, struct http_connection *c, int status,
		   const char *why)
{
	size_t size = sizeof(c->input);
	int length = snprintf(c->input, size, "%d %s: %s\n", status,
			      http_reply_reason(status), why);

	c->request.keeps_alive = false;
	c->request_size = c->input_used = 0;
	http_connection_reply(
		c, &(struct http_reply){ .status = status,
					 .body = { c->input, (size_t)length } });
	c->deadline_ms = in_ms(server->limits.send_ms, SEND_MS);
}

static void serve(struct http_server *server, struct http_connection *c)
{
	const char *why = NULL;
	int status = http_guard_check(&c->request, server->own_name, &why);

	if (status != 0) {
		refuse(server, c, status, why);
		return;
	}
	c->phase = HTTP_WAITING;
	c->is_served = true;
	c->deadline_ms = 0;
	server->handler.serve(server->handler.context, &c->request, ticket_of(server, c));
}

bool http_server_reply(struct http_server *server, struct http_ticket ticket,
		       const struct http_reply *reply)
{
	struct http_connection *c = &server->connections[ticket.slot];

	if (c->phase != HTTP_WAITING || c->serial != ticket.serial) {
		if (reply->has_stream)
			close(reply->stream);
		return false;
	}
	http_connection_reply(c, reply);
	c->deadline_ms = in_ms(server->limits.send_ms, SEND_MS);
	return true;
}

// The deadline of a request stands from its first byte: slow ones do not extend it.
static void await_request(struct http_server *server, struct http_connection *c,
			  bool is_new)
{
	const struct http_limits *limits = &server->limits;

	if (c->input_used == 0 && !c->has_ended)
		c->deadline_ms = in_ms(limits->idle_ms, IDLE_MS);
	else if (is_new)
		c->deadline_ms = in_ms(limits->head_ms, HEAD_MS);
}

// A request may have come together: true when the phase has changed.
static bool take_request(struct http_server *server, struct http_connection *c)
{
	const char *why = NULL;
	int status = 0;

	switch (http_connection_parse(c, &status, &why)) {
	case HTTP_INCOMPLETE:
		return false;
	case HTTP_ARRIVED:
		serve(server, c);
		return true;
	case HTTP_REFUSED:
		refuse(server, c, status, why);
		return true;
	}
	return false;
}

static void finish_reply(struct http_server *server, struct http_connection *c)
{
	end_exchange(server, c);
	if (c->request.keeps_alive && !c->has_ended) {
		http_connection_next(c);
		await_request(server, c, true);
		return;
	}
	// Closing with unread input would reset the connection and lose the reply.
	shutdown(c->fd, SHUT_WR);
	c->phase = HTTP_DRAINING;
	c->serial++;
	c->deadline_ms = clock_now_ms() + DRAIN_MS;
}

// Returns false when the connection was hung up.
static bool send_some(struct http_server *server, struct http_connection *c)
{
	for (int moves = 0; moves < MOVES_MAX; moves++) {
		switch (http_connection_send(c)) {
		case HTTP_MOVED:
			c->deadline_ms = in_ms(server->limits.send_ms, SEND_MS);
			continue;
		case HTTP_STALLED:
			return true;
		case HTTP_DONE:
			finish_reply(server, c);
			return true;
		case HTTP_BROKEN:
			hang_up(server, c);
			return false;
		}
	}
	return true;
}

// Requests that came together are answered one after the other.
static void go_on(struct http_server *server, struct http_connection *c)
{
	for (int requests = 0; requests < MOVES_MAX; requests++) {
		if (c->phase == HTTP_READING && !take_request(server, c)) {
			if (c->has_ended)
				hang_up(server, c);
			return;
		}
		if (c->phase != HTTP_SENDING || !send_some(server, c) ||
		    c->phase != HTTP_READING)
			return;
	}
}

static void read_some(struct http_server *server, struct http_connection *c)
{
	bool is_new = c->input_used == 0;

	if (!http_connection_read(c) && !c->has_ended) {
		hang_up(server, c);
		return;
	}
	await_request(server, c, is_new);
	go_on(server, c);
}

static void drain(struct http_server *server, struct http_connection *c)
{
	c->input_used = 0;
	if (!http_connection_read(c))
		hang_up(server, c);
}

static void happen(struct http_server *server, struct http_connection *c)
{
	switch (c->phase) {
	case HTTP_READING:
		read_some(server, c);
		return;
	case HTTP_WAITING: // what happens then is that the client goes
		hang_up(server, c);
		return;
	case HTTP_SENDING:
		go_on(server, c);
		return;
	case HTTP_DRAINING:
		drain(server, c);
		return;
	case HTTP_FREE:
		return;
	}
}

static struct pollfd wish_of(const struct http_connection *c)
{
	switch (c->phase) {
	case HTTP_READING:
	case HTTP_DRAINING:
		return (struct pollfd){ .fd = c->fd, .events = POLLIN };
	case HTTP_WAITING:
		return (struct pollfd){ .fd = c->fd, .events = POLLRDHUP };
	case HTTP_SENDING:
		if (http_connection_waits_for_stream(c))
			return (struct pollfd){ .fd = c->stream, .events = POLLIN };
		return (struct pollfd){ .fd = c->fd, .events = POLLOUT };
	case HTTP_FREE:
		break;
	}
	return (struct pollfd){ .fd = -1 };
}

// While a stream is silent, only this tells that the client has gone.
static struct pollfd second_wish_of(const struct http_connection *c)
{
	if (c->phase == HTTP_SENDING && http_connection_waits_for_stream(c))
		return (struct pollfd){ .fd = c->fd, .events = POLLRDHUP };
	return (struct pollfd){ .fd = -1 };
}

static struct http_connection *free_slot(struct http_server *server)
{
	struct http_connection *idle = NULL;

	for (size_t i = 0; i < server->count; i++) {
		struct http_connection *c = &server->connections[i];

		if (c->phase == HTTP_FREE)
			return c;
		if (c->phase == HTTP_READING && c->input_used == 0 &&
		    (idle == NULL || c->deadline_ms < idle->deadline_ms))
			idle = c;
	}
	if (idle != NULL)
		hang_up(server, idle);
	return idle;
}

static void turn_away(int fd)
{
	static const char words[] = "HTTP/1.1 503 Service Unavailable\r\n"
				    "Content-Type: text/plain; charset=utf-8\r\n"
				    "Content-Length: 22\r\nConnection: close\r\n"
				    "Retry-After: 1\r\n\r\ntoo many connections.\n";
	char dropped[1024];

	(void)send(fd, words, sizeof(words) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	(void)recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT);
	close(fd);
}

static void accept_some(struct http_server *server)
{
	for (size_t i = 0; i < server->count; i++) {
		int fd = http_listener_accept(server->listener);
		struct http_connection *c;

		if (fd < 0 && errno != EAGAIN)
			server->accept_after_ms = clock_now_ms() + RETRY_MS;
		if (fd < 0)
			return;
		c = free_slot(server);
		if (c == NULL) {
			turn_away(fd);
			continue;
		}
		http_connection_open(c, fd, server->listener->is_unix);
		await_request(server, c, true);
	}
}

static void expire(struct http_server *server, struct http_connection *c)
{
	if (c->phase == HTTP_READING && c->input_used > 0)
		refuse(server, c, 408, "the request took too long to arrive");
	else
		hang_up(server, c);
}

// A stream may be silent for as long as it likes.
static bool can_expire(const struct http_connection *c)
{
	return c->phase != HTTP_FREE && c->deadline_ms != 0 &&
	       !(c->phase == HTTP_SENDING && http_connection_waits_for_stream(c));
}

// The earliest deadline within the timeout.
static int wait_ms(const struct http_server *server, int timeout_ms)
{
	int64_t now = clock_now_ms(), least = timeout_ms < 0 ? INT32_MAX : timeout_ms;

	for (size_t i = 0; i < server->count; i++) {
		const struct http_connection *c = &server->connections[i];

		if (can_expire(c) && c->deadline_ms - now < least)
			least = c->deadline_ms - now;
	}
	if (server->accept_after_ms > now && server->accept_after_ms - now < least)
		least = server->accept_after_ms - now;
	if (least < 0)
		return 0;
	return least == INT32_MAX ? -1 : (int)least;
}

static void expire_all(struct http_server *server)
{
	int64_t now = clock_now_ms();

	for (size_t i = 0; i < server->count; i++) {
		struct http_connection *c = &server->connections[i];

		if (can_expire(c) && c->deadline_ms <= now)
			expire(server, c);
	}
}

void http_server_step(struct http_server *server, struct pollfd *watched,
		      size_t watched_count, int timeout_ms)
{
	struct pollfd polls[POLLS_MAX];
	size_t first = 1 + watched_count;
	bool may_accept = server->accept_after_ms <= clock_now_ms();
	int ready;

	polls[0] = (struct pollfd){ .fd = may_accept ? server->listener->fd : -1,
				    .events = POLLIN };
	if (watched_count > 0)
		memcpy(polls + 1, watched, watched_count * sizeof(*watched));
	for (size_t i = 0; i < server->count; i++) {
		polls[first + 2 * i] = wish_of(&server->connections[i]);
		polls[first + 2 * i + 1] = second_wish_of(&server->connections[i]);
	}
	ready = poll(polls, first + 2 * server->count, wait_ms(server, timeout_ms));
	for (size_t i = 0; i < watched_count; i++)
		watched[i].revents = ready > 0 ? polls[1 + i].revents : 0;
	for (size_t i = 0; ready > 0 && i < server->count; i++) {
		if (polls[first + 2 * i + 1].revents != 0)
			hang_up(server, &server->connections[i]);
		else if (polls[first + 2 * i].revents != 0)
			happen(server, &server->connections[i]);
	}
	expire_all(server);
	if (ready > 0 && polls[0].revents != 0)
		accept_some(server);
}

void http_server_deinit(struct http_server *server)
{
	for (size_t i = 0; i < server->count; i++) {
		if (server->connections[i].phase != HTTP_FREE)
			hang_up(server, &server->connections[i]);
	}
}
