// One request after the other; the flame graph is made when it is first asked for.
#include "web/dump_site.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/writer.h"
#include "heapdump/opened_dump.h"
#include "heapdump/retained_profile.h"
#include "http/server.h"
#include "profile/profile.h"
#include "report/flame_html.h"
#include "report/options.h"
#include "web/dump_pages.h"

enum { CONNECTIONS = 32, STEP_MS = 500 };

static volatile sig_atomic_t is_over;

struct dump_site {
	struct opened_dump *dump;
	struct http_listener listener;
	struct http_server server;
	struct dump_pages pages;
	struct profile *profile; // of the flame graph; NULL: not made yet
	struct writer flame;
	bool has_flame;
	struct writer texts[CONNECTIONS]; // by slot: what is being sent
	bool has_text[CONNECTIONS];
};

static void finish(int signal)
{
	(void)signal;
	is_over = 1;
}

static const char headers[] =
	"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
	"X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";

// The flame graph's page brings its own policy, with the nonce of its script.
static const char flame_headers[] =
	"X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";

static bool make_flame(struct dump_site *site, struct error *err)
{
	struct report_options options = report_options_default();

	if (site->has_flame)
		return true;
	site->profile =
		retained_profile_create(&site->dump->heap, &site->dump->dominators);
	site->flame = writer_to_memory();
	site->has_flame = flame_html_render(site->profile, &options, &site->flame, err);
	return site->has_flame;
}

static void serve_flame(struct dump_site *site, struct http_ticket ticket)
{
	struct http_reply reply = { .type = "text/html; charset=utf-8",
				    .headers = flame_headers };
	struct error err;

	if (make_flame(site, &err)) {
		reply.body = writer_contents(&site->flame);
	} else {
		reply.status = 500;
		reply.body = STR("no flame graph could be made\n");
	}
	http_server_reply(&site->server, ticket, &reply);
}

static void serve(void *context, const struct http_request *request,
		  struct http_ticket ticket)
{
	struct dump_site *site = context;
	struct writer *text = &site->texts[ticket.slot];
	struct http_reply reply = { .type = "text/html; charset=utf-8",
				    .headers = headers };

	if (request->method != HTTP_POST && str_equal(request->path, STR("/flame"))) {
		serve_flame(site, ticket);
		return;
	}
	*text = writer_to_memory();
	site->has_text[ticket.slot] = true;
	if (request->method == HTTP_POST ||
	    !dump_pages_write(&site->pages, request, text)) {
		reply.status = 404;
		reply.body = STR("there is no such page: start at <a href=\"/\">/</a>\n");
	} else {
		reply.body = writer_contents(text);
	}
	http_server_reply(&site->server, ticket, &reply);
}

static void ended(void *context, struct http_ticket ticket)
{
	struct dump_site *site = context;

	if (site->has_text[ticket.slot])
		writer_deinit(&site->texts[ticket.slot]);
	site->has_text[ticket.slot] = false;
}

static bool listen_here(struct dump_site *site, const struct dump_site_options *options,
			struct error *err)
{
	char url[160];

	if (!http_listen(options->listen, &site->listener, err))
		return false;
	if (!site->listener.is_loopback && !site->listener.is_unix) {
		http_listener_close(&site->listener);
		return error_set(
			err, ERROR_USAGE,
			"%s: a heap holds secrets, so it is shown on this machine "
			"only: use localhost:PORT or unix:PATH",
			options->listen);
	}
	if (site->listener.is_unix)
		snprintf(url, sizeof(url), "unix:%s", site->listener.name);
	else
		snprintf(url, sizeof(url), "http://localhost:%u/", site->listener.port);
	options->is_ready(options->context, url);
	return true;
}

static void site_deinit(struct dump_site *site)
{
	http_server_deinit(&site->server);
	http_listener_close(&site->listener);
	dump_pages_deinit(&site->pages);
	if (site->profile != NULL) {
		writer_deinit(&site->flame);
		profile_destroy(site->profile);
	}
	free(site->server.connections);
	free(site);
}

bool dump_site_run(struct opened_dump *dump, const struct dump_site_options *options,
		   struct error *err)
{
	struct sigaction action = { .sa_handler = finish };
	struct dump_site *site = table_zeroed(1, sizeof(*site));

	site->dump = dump;
	dump_pages_init(&site->pages, dump);
	if (!listen_here(site, options, err)) {
		dump_pages_deinit(&site->pages);
		free(site);
		return false;
	}
	site->server = (struct http_server){
		.listener = &site->listener,
		.handler = { site, serve, ended },
		.connections = table_zeroed(CONNECTIONS, sizeof(struct http_connection)),
		.count = CONNECTIONS,
	};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	while (is_over == 0)
		http_server_step(&site->server, NULL, 0, STEP_MS);
	site_deinit(site);
	return true;
}
