// Words completed as `go tool pprof` completes them, and what is not a URL.
#include "source/url.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "test.h"

struct row {
	const char *word, *text; // text NULL: no URL
	struct url_wish wish;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena arena = { 0 };
		struct url url;
		bool is_url = url_parse(rows[i].word, &rows[i].wish, &arena, &url);

		if (is_url != (rows[i].text != NULL))
			test_fail(__FILE__, __LINE__, "\"%s\" is %s", rows[i].word,
				  is_url ? "a URL" : "no URL");
		if (is_url && !str_equal(url.text, str_from(rows[i].text)))
			test_fail(__FILE__, __LINE__, "\"%s\" is \"%s\", not \"%s\"",
				  rows[i].word, url.text.p, rows[i].text);
		arena_deinit(&arena);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows[0]))

TEST(url_completes_hosts)
{
	static const struct row rows[] = {
		{ .word = "host:6060", .text = "http://host:6060/debug/pprof/profile" },
		{ .word = "127.0.0.1:80",
		  .text = "http://127.0.0.1:80/debug/pprof/profile" },
		{ .word = "[::1]:80/", .text = "http://[::1]:80/debug/pprof/profile" },
		{ .word = "host:1/debug/pprof/heap",
		  .text = "http://host:1/debug/pprof/heap" },
		{ .word = "http://host", .text = "http://host/debug/pprof/profile" },
		{ .word = "HTTPS://host/x", .text = "https://host/x" },
		{ .word = "//host/x", .text = "http://host/x" },
		{ .word = "https+insecure://h:1/p", .text = "https+insecure://h:1/p" },
		{ .word = "http://h/a b", .text = "http://h/a%20b" },
		{ .word = "http://h/x#part", .text = "http://h/x" },
		{ .word = "ftp://h/x", .text = "ftp://h/x" },
		{ .word = "http://me:secret@h/x", .text = "http://me:xxxxx@h/x" },
	};

	CHECK_ROWS(rows);
}

TEST(url_leaves_other_words_alone)
{
	static const struct row rows[] = {
		{ .word = "" },
		{ .word = "cpu.pb.gz" },
		{ .word = "folder/cpu.pb.gz" },
		{ .word = "/folder/a:b" },
		{ .word = "file:///tmp/x" },
		{ .word = "12345" },
		{ .word = "-" },
		{ .word = ":x" },
		{ .word = "host:port" },
		{ .word = "mem_2023-11-02_03:55:24" },
		{ .word = "http://[::1" },
		{ .word = "http://h/%zz" },
		{ .word = "http://h\n/x" },
		{ .word = "http://" },
		{ .word = "unix://" },
	};

	CHECK_ROWS(rows);
}

TEST(url_orders_and_escapes_queries)
{
	static const struct row rows[] = {
		{ .word = "h:1/x?b=2&a=1", .text = "http://h:1/x?a=1&b=2" },
		{ .word = "h:1/x?debug", .text = "http://h:1/x?debug=" },
		{ .word = "h:1/x?", .text = "http://h:1/x" },
		{ .word = "h:1/x?a=%2f+b&;=1&c=%q", .text = "http://h:1/x?a=%2F+b" },
		{ "h:1/x?seconds=9&a=1", "http://h:1/x?a=1&seconds=5", { 5, 0 } },
		{ "h:1", "http://h:1/debug/pprof/profile?seconds=30", { 30, 0 } },
	};

	CHECK_ROWS(rows);
}

static int64_t timeout_of(const char *word, int64_t seconds, int64_t timeout)
{
	struct url_wish wish = { seconds, timeout };
	struct arena arena = { 0 };
	struct url url;

	CHECK(url_parse(word, &wish, &arena, &url));
	arena_deinit(&arena);
	return url.timeout_seconds;
}

TEST(url_waits_half_as_long_again_as_the_server_measures)
{
	CHECK_INT(timeout_of("h:1", -1, -1), 60);
	CHECK_INT(timeout_of("h:1", 30, -1), 45);
	CHECK_INT(timeout_of("h:1?seconds=10", -1, -1), 15);
	CHECK_INT(timeout_of("h:1?seconds=x", -1, -1), 60);
	CHECK_INT(timeout_of("h:1?seconds=10", -1, 7), 7);
}

TEST(url_tells_sockets_from_paths)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct arena arena = { 0 };
	struct url_wish wish = { 0 };
	struct url url;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(url_parse("unix:///no/a.sock/debug/pprof/heap", &wish, &arena, &url));
	CHECK_STR(url.socket, "/no/a.sock");
	CHECK_STR(url.request, "http://localhost/debug/pprof/heap");
	CHECK(url_parse("http+unix://%2Fno%2Fa.sock/x", &wish, &arena, &url));
	CHECK_STR(url.socket, "/no/a.sock");
	CHECK_STR(url.request, "http://localhost/x");
	CHECK_STR(url.text, "unix:///no/a.sock/x");

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/test_url.%d",
		 getpid());
	unlink(address.sun_path);
	CHECK_INT(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);

	struct str word = str_format(&arena, "unix:%s/odd/path", address.sun_path);
	bool is_url = url_parse(word.p, &wish, &arena, &url);

	unlink(address.sun_path);
	close(fd);
	CHECK(is_url);
	CHECK_STR(url.socket, address.sun_path);
	CHECK_STR(url.request, "http://localhost/odd/path");
	arena_deinit(&arena);
}

TEST(url_keeps_the_password_for_the_request)
{
	struct arena arena = { 0 };
	struct url_wish wish = { 0 };
	struct url url;

	CHECK(url_parse("https+insecure://me:secret@[::1]:7/x", &wish, &arena, &url));
	CHECK_STR(url.request, "https://me:secret@[::1]:7/x");
	CHECK_STR(url.host, "::1");
	CHECK(url.is_insecure);
	arena_deinit(&arena);
}

TEST(url_finds_the_server_of_symbols)
{
	static const char *const rows[][2] = {
		{ "h:1", "http://h:1/debug/pprof/symbol" },
		{ "h:1/pprof/heap?x=1", "http://h:1/pprof/symbol" },
		{ "h:1/deep/down/", "http://h:1/deep/symbolz" },
		{ "h:1/profilez", "http://h:1/symbolz" },
		{ "unix:///no/s/debug/pprof/heap", "unix:///no/s/debug/pprof/symbol" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = { 0 };
		struct url_wish wish = { 5, 0 };
		struct url url;

		CHECK(url_parse(rows[i][0], &wish, &arena, &url));
		url = url_of_symbols(&url, &arena);
		CHECK_STR(url.text, rows[i][1]);
		arena_deinit(&arena);
	}
}
