// Who is let in.
#include "http/guard.h"
#include "http/request.h"
#include "test.h"

static int check(struct http_request request)
{
	const char *why;

	return http_guard_check(&request, STR("box"), &why);
}

TEST(http_guard_knows_its_own_names)
{
	CHECK_INT(check((struct http_request){ .host = STR("localhost:80") }), 0);
	CHECK_INT(check((struct http_request){ .host = STR("127.0.0.1") }), 0);
	CHECK_INT(check((struct http_request){ .host = STR("[::1]:80") }), 0);
	CHECK_INT(check((struct http_request){ .host = STR("box:1") }), 0);
	CHECK_INT(check((struct http_request){ .host = STR("evil.example") }), 403);
	CHECK_INT(check((struct http_request){ .host = STR("localhost.evil") }), 403);
	CHECK_INT(check((struct http_request){ .host = STR("localhost:80@evil") }), 403);
	CHECK_INT(check((struct http_request){ .host = STR("[::1") }), 403);
	CHECK_INT(check((struct http_request){ .host = STR("") }), 403);
	CHECK_INT(check((struct http_request){ .host = STR("x"), .is_local = true }), 0);
}

TEST(http_guard_refuses_other_sites)
{
	struct http_request r = { .host = STR("localhost:80"),
				  .origin = STR("http://localhost:80") };

	CHECK_INT(check(r), 0);
	r.origin = STR("http://localhost:81");
	CHECK_INT(check(r), 403);
	r.origin = STR("null");
	CHECK_INT(check(r), 403);
	r.origin = STR("");
	r.fetch_site = STR("cross-site");
	CHECK_INT(check(r), 403);
	r.fetch_site = STR("same-site");
	CHECK_INT(check(r), 403);
	r.fetch_mode = STR("navigate");
	r.fetch_dest = STR("iframe");
	CHECK_INT(check(r), 403);
	r.fetch_dest = STR("document");
	CHECK_INT(check(r), 0);
	r.method = HTTP_POST;
	CHECK_INT(check(r), 403);
	r.fetch_site = STR("same-origin");
	CHECK_INT(check(r), 0);
}

TEST(http_guard_compares_tokens_whole)
{
	CHECK(http_guard_is_token(STR("abc"), STR("abc")));
	CHECK(!http_guard_is_token(STR("ab"), STR("abc")));
	CHECK(!http_guard_is_token(STR("abd"), STR("abc")));
	CHECK(!http_guard_is_token(STR(""), STR("")));
}
