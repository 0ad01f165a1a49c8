// Heads of replies.
#include "http/reply.h"
#include "http/request.h"
#include "test.h"

TEST(http_reply_head_states_size_and_connection)
{
	const struct http_request request = { .keeps_alive = true };
	char buffer[512];
	size_t size = http_reply_head(&(struct http_reply){ .status = 404 }, &request, 3,
				      buffer, sizeof(buffer));
	struct str head = { buffer, size };

	CHECK(str_starts_with(head, STR("HTTP/1.1 404 Not Found\r\n")));
	CHECK(str_find(head, STR("Content-Length: 3\r\n")) > 0);
	CHECK(str_find(head, STR("Connection: keep-alive\r\n")) > 0);
	CHECK(str_ends_with(head, STR("\r\n\r\n")));
}

TEST(http_reply_head_that_does_not_fit_is_none)
{
	const struct http_request request = { .keeps_alive = true };
	char buffer[64];

	CHECK_INT(http_reply_head(&(struct http_reply){ .status = 200 }, &request,
				  HTTP_SIZE_UNKNOWN, buffer, sizeof(buffer)),
		  0);
}
