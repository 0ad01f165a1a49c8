// Hostile clients of the endpoints: what one sends in pieces, several requests with their
// bodies among it, up to the answers that the server makes of it.
#include <stdlib.h>
#include <string.h>

#include "http/connection.h"
#include "http/guard.h"
#include "http/query.h"
#include "http/reply.h"

static void act_on(struct http_connection *c)
{
	struct http_request *request = &c->request;
	struct str rest = request->query, name, text;
	char value[64];
	const char *why;

	if (request->body.n != request->body_size ||
	    request->body.p < c->input + c->request_size - request->body_size ||
	    request->body.p + request->body.n > c->input + c->input_used)
		abort();
	while (http_query_next(&rest, &name, &text))
		(void)http_query_value(request->query, name, value, sizeof(value));
	(void)http_query_value(request->body, STR("seconds"), value, sizeof(value));
	(void)http_guard_check(request, STR("name"), &why);
}

// The first byte says how large the pieces are.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_connection connection;
	struct http_connection *c = &connection;
	size_t piece = size > 0 ? data[0] * 8u + 1 : 1, at = 1;
	const char *why = NULL;
	int status = 0;

	http_connection_open(c, -1, false);
	while (at < size) {
		size_t room = sizeof(c->input) - c->input_used;
		size_t count = piece < size - at ? piece : size - at;
		enum http_arrival arrival;

		count = count < room ? count : room;
		if (count == 0)
			abort();
		memcpy(c->input + c->input_used, data + at, count);
		c->input_used += count;
		at += count;
		while ((arrival = http_connection_parse(c, &status, &why)) ==
		       HTTP_ARRIVED) {
			act_on(c);
			http_connection_next(c);
		}
		if (arrival == HTTP_REFUSED) {
			if (status < 400 || why == NULL)
				abort();
			return 0;
		}
	}
	return 0;
}
