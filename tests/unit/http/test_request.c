// Request heads: what is understood, and what is refused with which status.
#include "http/request.h"
#include "test.h"

static int parse(const char *text, struct http_request *request)
{
	static char head[HTTP_HEAD_MAX];
	const char *why;
	size_t size = strlen(text);

	memcpy(head, text, size);
	return http_request_parse(head, size, request, &why);
}

static int status_of(const char *text)
{
	struct http_request request;

	return parse(text, &request);
}

TEST(http_request_yields_its_parts)
{
	struct http_request r;

	CHECK_INT(parse("GET /a%20b/c?x=1&y=%2F HTTP/1.1\r\nHost: localhost:8\r\n"
			"Cookie:  k=v \r\n\r\n",
			&r),
		  0);
	CHECK_STR(r.path, "/a b/c");
	CHECK_STR(r.query, "x=1&y=%2F");
	CHECK_STR(r.host, "localhost:8");
	CHECK_STR(r.cookie, "k=v");
	CHECK(r.method == HTTP_GET && r.keeps_alive && !r.is_http_1_0);
}

TEST(http_request_reads_an_absolute_target)
{
	struct http_request r;

	CHECK_INT(parse("GET http://h:1/x HTTP/1.1\r\nHost: other\r\n\r\n", &r), 0);
	CHECK_STR(r.host, "h:1");
	CHECK_STR(r.path, "/x");
	CHECK_INT(status_of("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(http_request_keeps_the_connection_as_its_version_says)
{
	struct http_request r;

	CHECK_INT(parse("GET / HTTP/1.0\r\n\r\n", &r), 0);
	CHECK(!r.keeps_alive && r.is_http_1_0);
	CHECK_INT(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", &r), 0);
	CHECK(r.keeps_alive);
	CHECK_INT(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n", &r),
		  0);
	CHECK(!r.keeps_alive);
}

TEST(http_request_refuses_tricks_with_paths)
{
	CHECK_INT(status_of("GET /../x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET /%2e%2E/x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET /a/%2e%2e HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET //x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET /a%0a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET /a\\..\\b HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(http_request_refuses_what_is_malformed)
{
	CHECK_INT(status_of("\r\n\r\n"), 400);
	CHECK_INT(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
	CHECK_INT(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
	CHECK_INT(status_of("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET / HTTP/1.1\r\n: a\r\n\r\n"), 400);
	CHECK_INT(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"), 400);
	CHECK_INT(status_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(status_of("PUT / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
	CHECK_INT(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
	CHECK_INT(status_of("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
			    "\r\n\r\n"),
		  501);
}

TEST(http_request_bounds_bodies)
{
	struct http_request r;

	CHECK_INT(parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n",
			&r),
		  0);
	CHECK_INT(r.body_size, 65536);
	CHECK_INT(
		status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"),
		413);
	CHECK_INT(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
			    "Content-Length: 2\r\n\r\n"),
		  400);
	CHECK_INT(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
		  400);
}

TEST(http_request_finds_the_end_of_the_head)
{
	CHECK_INT(http_request_head_size(STR("GET /\r\nA: b\r\n\r\nrest")), 15);
	CHECK_INT(http_request_head_size(STR("GET /\nA: b\n\nrest")), 12);
	CHECK_INT(http_request_head_size(STR("GET /\r\nA: b\r\n\r")), 0);
	CHECK_INT(http_request_head_size(STR("")), 0);
}
