// The bytes of one connection.
#include "http/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/reply.h"

// Around the bytes of a chunk: its size in hex, two line ends.
enum { CHUNK_HEAD = 10, CHUNK_TAIL = 2 };

void http_connection_open(struct http_connection *c, int fd, bool is_local)
{
	c->phase = HTTP_READING;
	c->fd = fd;
	c->is_local = is_local;
	c->is_served = c->has_ended = false;
	c->input_used = c->request_size = 0;
	c->output_used = c->output_sent = 0;
	c->body = (struct str){ NULL, 0 };
	c->has_stream = false;
	c->deadline_ms = 0;
}

static void drop_stream(struct http_connection *c)
{
	if (c->has_stream)
		close(c->stream);
	c->has_stream = false;
}

void http_connection_close(struct http_connection *c)
{
	drop_stream(c);
	close(c->fd);
	c->phase = HTTP_FREE;
	c->serial++;
}

bool http_connection_read(struct http_connection *c)
{
	size_t room = sizeof(c->input) - c->input_used;
	ssize_t got;

	if (room == 0)
		return true;
	got = recv(c->fd, c->input + c->input_used, room, MSG_DONTWAIT);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	c->input_used += (size_t)got;
	c->has_ended = got == 0;
	return got > 0;
}

// Parsing unescapes in place, so it is done once, as soon as the head is there: what is
// refused has no body to wait for.
static enum http_arrival parse_head(struct http_connection *c, int *status,
				    const char **why)
{
	struct str input = { c->input, c->input_used };
	size_t size = http_request_head_size(str_slice(input, 0, HTTP_HEAD_MAX));

	c->request = (struct http_request){ .method = HTTP_GET };
	if (size == 0 && c->input_used < HTTP_HEAD_MAX)
		return HTTP_INCOMPLETE;
	if (size == 0) {
		*status = memchr(c->input, '\n', HTTP_HEAD_MAX) == NULL ? 414 : 431;
		*why = "the request's head is too long";
		return HTTP_REFUSED;
	}
	*status = http_request_parse(c->input, size, &c->request, why);
	c->request_size = size + c->request.body_size;
	return *status == 0 ? HTTP_ARRIVED : HTTP_REFUSED;
}

enum http_arrival http_connection_parse(struct http_connection *c, int *status,
					const char **why)
{
	enum http_arrival head = HTTP_ARRIVED;

	if (c->request_size == 0)
		head = parse_head(c, status, why);
	if (head != HTTP_ARRIVED)
		return head;
	if (c->input_used < c->request_size)
		return HTTP_INCOMPLETE;
	c->request.is_local = c->is_local;
	c->request.body = (struct str){ c->input + c->request_size - c->request.body_size,
					c->request.body_size };
	return HTTP_ARRIVED;
}

void http_connection_next(struct http_connection *c)
{
	size_t left = c->input_used - c->request_size;

	memmove(c->input, c->input + c->request_size, left);
	c->input_used = left;
	c->request_size = 0;
	c->phase = HTTP_READING;
	c->is_served = false;
	c->serial++;
}

// The size of the body, where it is known.
static int64_t body_size(const struct http_reply *reply)
{
	struct stat status;

	if (!reply->has_stream)
		return (int64_t)reply->body.n;
	if (fstat(reply->stream, &status) == 0 && S_ISREG(status.st_mode))
		return status.st_size;
	return HTTP_SIZE_UNKNOWN;
}

void http_connection_reply(struct http_connection *c, const struct http_reply *reply)
{
	int64_t size = body_size(reply);

	if (size < 0 && c->request.is_http_1_0)
		c->request.keeps_alive = false;
	c->phase = HTTP_SENDING;
	c->output_sent = 0;
	c->output_used =
		http_reply_head(reply, &c->request, size, c->output, sizeof(c->output));
	c->body = reply->body;
	c->has_stream = reply->has_stream;
	c->stream = reply->stream;
	c->is_chunked = size < 0 && !c->request.is_http_1_0;
	if (c->has_stream)
		fcntl(c->stream, F_SETFL, O_NONBLOCK);
	if (c->request.method != HTTP_HEAD)
		return;
	c->body = (struct str){ NULL, 0 };
	drop_stream(c);
}

// Fills the output from the stream.
static enum http_progress pull(struct http_connection *c)
{
	size_t before = c->is_chunked ? CHUNK_HEAD : 0;
	size_t room = sizeof(c->output) - before - CHUNK_TAIL;
	ssize_t got = read(c->stream, c->output + before, room);
	char head[CHUNK_HEAD + 1];

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? HTTP_STALLED : HTTP_BROKEN;
	c->output_sent = 0;
	c->output_used = before + (size_t)got;
	if (got == 0)
		drop_stream(c);
	if (!c->is_chunked)
		return HTTP_MOVED;
	snprintf(head, sizeof(head), "%08x\r\n", (unsigned)got);
	memcpy(c->output, head, CHUNK_HEAD);
	memcpy(c->output + c->output_used, "\r\n", CHUNK_TAIL);
	c->output_used += CHUNK_TAIL;
	return HTTP_MOVED;
}

static ssize_t push(struct http_connection *c, const char *p, size_t size)
{
	return send(c->fd, p, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static enum http_progress failed(void)
{
	return errno == EAGAIN || errno == EINTR ? HTTP_STALLED : HTTP_BROKEN;
}

enum http_progress http_connection_send(struct http_connection *c)
{
	size_t pending = c->output_used - c->output_sent;
	ssize_t sent;

	if (pending > 0) {
		sent = push(c, c->output + c->output_sent, pending);
		if (sent < 0)
			return failed();
		c->output_sent += (size_t)sent;
		return HTTP_MOVED;
	}
	if (c->body.n > 0) {
		sent = push(c, c->body.p, c->body.n);
		if (sent < 0)
			return failed();
		c->body = str_after(c->body, (size_t)sent);
		return HTTP_MOVED;
	}
	return c->has_stream ? pull(c) : HTTP_DONE;
}

bool http_connection_waits_for_stream(const struct http_connection *c)
{
	return c->output_used == c->output_sent && c->body.n == 0 && c->has_stream;
}
