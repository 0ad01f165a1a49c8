// A server for the suite beside it: replies at once, late, from memory and from a stream.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "http/query.h"
#include "http/server.h"

enum { SLOTS = 32, LATE_MS = 300 };

struct site {
	struct http_server server;
	struct http_ticket late;
	bool has_late;
	unsigned served, ended;
	char large[1 << 23], echo[HTTP_BODY_MAX], told[64];
};

static struct http_connection slots[SLOTS];
static struct site site;
static volatile sig_atomic_t is_over;

static void finish(int signal)
{
	(void)signal;
	is_over = 1;
}

static struct http_reply stream_of(const char *command)
{
	int ends[2];

	if (pipe(ends) != 0)
		abort();
	if (fork() == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	return (struct http_reply){ .has_stream = true, .stream = ends[0] };
}

static void serve(void *context, const struct http_request *request,
		  struct http_ticket ticket)
{
	struct http_reply reply = { .status = 404, .body = STR("no such page\n") };

	(void)context;
	site.served++;
	if (str_equal(request->path, STR("/"))) {
		reply = (struct http_reply){ .body = STR("hello\n") };
	} else if (str_equal(request->path, STR("/large"))) {
		reply = (struct http_reply){ .body = { site.large, sizeof(site.large) } };
	} else if (str_equal(request->path, STR("/stream"))) {
		reply = stream_of("echo one; sleep 0.1; echo two");
	} else if (str_equal(request->path, STR("/silent"))) {
		reply = stream_of("sleep 5");
	} else if (str_equal(request->path, STR("/echo"))) {
		memcpy(site.echo, request->body.p, request->body.n);
		reply = (struct http_reply){ .body = { site.echo, request->body.n } };
	} else if (str_equal(request->path, STR("/counts"))) {
		int length = snprintf(site.told, sizeof(site.told), "%u %u\n",
				      site.served, site.ended);

		reply = (struct http_reply){ .body = { site.told, (size_t)length } };
	} else if (str_equal(request->path, STR("/late"))) {
		site.late = ticket;
		site.has_late = true;
		return;
	}
	(void)http_server_reply(&site.server, ticket, &reply);
}

static void ended(void *context, struct http_ticket ticket)
{
	(void)context;
	(void)ticket;
	site.ended++;
}

int main(int argc, char **argv)
{
	struct http_listener listener;
	struct error err = { 0 };

	signal(SIGTERM, finish);
	signal(SIGCHLD, SIG_IGN);
	memset(site.large, 'x', sizeof(site.large));
	if (argc != 2 || !http_listen(argv[1], &listener, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	site.server = (struct http_server){
		.listener = &listener,
		.handler = { NULL, serve, ended },
		.connections = slots,
		.count = SLOTS,
		.limits = { .head_ms = 700, .idle_ms = 5000, .send_ms = 1500 },
	};
	printf("%u\n", listener.port);
	fflush(stdout);
	while (!is_over) {
		http_server_step(&site.server, NULL, 0, LATE_MS);
		if (site.has_late)
			(void)http_server_reply(
				&site.server, site.late,
				&(struct http_reply){ .body = STR("at last\n") });
		site.has_late = false;
	}
	http_server_deinit(&site.server);
	http_listener_close(&listener);
	return site.served == site.ended ? 0 : 3;
}
