// The loop, the table of paths, and what stands around every reply.
#include "web/site.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "http/guard.h"
#include "http/query.h"
#include "profile/profile.h"
#include "web/answers.h"
#include "web/assets.h"
#include "web/endpoints.h"
#include "web/report_serve.h"
#include "web/site_state.h"
#include "web/state.h"

enum { CONNECTIONS = 256, STEP_MS = 1000 };

static volatile sig_atomic_t is_over;

static void finish(int signal)
{
	(void)signal;
	is_over = 1;
}

struct site_profile *site_find_profile(struct site *site, uint32_t id)
{
	for (size_t i = 0; i < site->profile_count; i++) {
		if (site->profiles[i]->id == id)
			return site->profiles[i];
	}
	return id == 0 && site->profile_count > 0
		       ? site->profiles[site->profile_count - 1]
		       : NULL;
}

static void drop_profile(struct site_profile *profile)
{
	profile_destroy(profile->profile);
	free(profile);
}

uint32_t site_add_profile_take(struct site *site, struct profile *profile,
			       const char *title)
{
	struct site_profile *place;

	if (site->profile_count == SITE_PROFILES_MAX) {
		drop_profile(site->profiles[0]);
		memmove(site->profiles, site->profiles + 1,
			--site->profile_count * sizeof(*site->profiles));
	}
	place = table_zeroed(1, sizeof(*place));
	*place = (struct site_profile){
		.id = ++site->last_profile_id,
		.profile = profile,
	};
	snprintf(place->title, sizeof(place->title), "%s", title);
	site->profiles[site->profile_count++] = place;
	return place->id;
}

// A token is asked for by header, by cookie, or once by the address, which sets the
// cookie.
static bool has_token(const struct site *site, const struct http_request *request)
{
	struct str token = str_from(site->token), rest = request->cookie, cookie;
	char text[SITE_TOKEN_BYTES + 1];

	if (token.n == 0)
		return true;
	if (str_starts_with(request->authorization, STR("Bearer ")) &&
	    http_guard_is_token(str_after(request->authorization, 7), token))
		return true;
	while (str_cut(&rest, ';', &cookie)) {
		cookie = str_trim(cookie);
		if (str_starts_with(cookie, STR("goprof=")) &&
		    http_guard_is_token(str_after(cookie, 7), token))
			return true;
	}
	return http_guard_is_token(http_query_value(request->query, STR("token"), text,
						    sizeof(text)),
				   token);
}

static void serve_asset(struct site *site, struct http_ticket ticket, const char *type,
			struct str embedded,
			struct str (*read)(struct arena *arena, const char *folder))
{
	CLEANUP_ARENA struct arena scratch = { 0 };

	if (site->options->ui_folder != NULL)
		embedded = read(&scratch, site->options->ui_folder);
	writer_str(site_text(site, ticket), embedded);
	site_reply_text(site, ticket, type);
}

// The page itself. pprof's own paths lead to it, with the same parameters.
static bool serve_page(struct site *site, const struct http_request *request,
		       struct http_ticket ticket)
{
	struct str path = request->path;

	if (site->options->has_no_pages)
		return false;
	if (str_equal(path, STR("/")))
		site_reply_page(site, request, ticket);
	else if (str_equal(path, STR("/ui.css")))
		serve_asset(site, ticket, "text/css; charset=utf-8", site->style,
			    assets_style);
	else if (str_equal(path, STR("/ui.js")))
		serve_asset(site, ticket, "text/javascript; charset=utf-8", site->script,
			    assets_script);
	else if (str_equal(path, STR("/ui")) || str_starts_with(path, STR("/ui/")))
		site_redirect(site, request, ticket, "/");
	else
		return false;
	return true;
}

static void serve_change(struct site *site, const struct http_request *request,
			 struct http_ticket ticket)
{
	if (!recording_serve(site, request, ticket) &&
	    !endpoints_serve(site, request, ticket))
		site_refuse(site, ticket, 404, "nothing is changed at this address");
}

static void serve(void *context, const struct http_request *request,
		  struct http_ticket ticket)
{
	struct site *site = context;
	const struct answer *answer = answer_find(request->path);

	site->exchanges[ticket.slot].ticket = ticket;
	if (!has_token(site, request))
		site_refuse(site, ticket, 401,
			    "this server asks for the token it printed when it started: "
			    "add ?token=..., or send it as a bearer token");
	else if (request->method == HTTP_POST)
		serve_change(site, request, ticket);
	else if (answer != NULL && !site->options->has_no_pages)
		report_serve(site, answer, request, ticket);
	else if (!serve_page(site, request, ticket) &&
		 !state_serve(site, request, ticket) &&
		 !recording_serve(site, request, ticket) &&
		 !endpoints_serve(site, request, ticket))
		site_refuse(site, ticket, 404, "there is no such page");
}

static void ended(void *context, struct http_ticket ticket)
{
	struct site *site = context;
	struct site_exchange *exchange = &site->exchanges[ticket.slot];

	if (exchange->job != NULL)
		jobs_release(exchange->job);
	if (exchange->text.buffer != NULL)
		writer_deinit(&exchange->text);
	*exchange = (struct site_exchange){ 0 };
}

static void reply_to_waiting(struct site *site)
{
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
		struct site_exchange *exchange = &site->exchanges[i];

		if (exchange->waits && job_is_ended(exchange->job))
			site_reply_result(site, exchange);
	}
}

static bool make_token(struct site *site, struct error *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[SITE_TOKEN_BYTES / 2];

	if (site->listener.is_loopback)
		return true;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return error_set_errno(err, errno, "making a token");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		site->token[2 * i] = digits[bytes[i] >> 4];
		site->token[2 * i + 1] = digits[bytes[i] & 15];
	}
	return true;
}

static void tell_address(const struct site *site)
{
	const struct http_listener *listener = &site->listener;
	bool is_v6 = strchr(listener->name, ':') != NULL;
	char url[256];

	if (listener->is_unix)
		snprintf(url, sizeof(url), "unix:%s", listener->name);
	else
		snprintf(url, sizeof(url), "http://%s%s%s:%u%s%s%s", is_v6 ? "[" : "",
			 strcmp(listener->name, "127.0.0.1") == 0 ? "localhost"
								  : listener->name,
			 is_v6 ? "]" : "", listener->port,
			 site->options->has_no_pages ? "/debug/pprof/" : "/",
			 site->token[0] == '\0' ? "" : "?token=", site->token);
	site->options->is_ready(site->options->context, url);
}

static void run(struct site *site)
{
	struct pollfd polls[JOBS_MAX];

	while (is_over == 0) {
		size_t count = jobs_prepare(&site->jobs, polls);

		http_server_step(&site->server, polls, count, STEP_MS);
		jobs_collect(&site->jobs);
		recording_collect(site);
		streams_collect(&site->streams);
		reply_to_waiting(site);
	}
}

static void site_init(struct site *site)
{
	site->page = assets_page(&site->arena, NULL);
	site->style = assets_style(&site->arena, NULL);
	site->script = assets_script(&site->arena, NULL);
	site->server = (struct http_server){
		.listener = &site->listener,
		.handler = { site, serve, ended },
		.connections = table_zeroed(CONNECTIONS, sizeof(struct http_connection)),
		.count = CONNECTIONS,
	};
}

static void site_deinit(struct site *site)
{
	http_server_deinit(&site->server);
	http_listener_close(&site->listener);
	recording_deinit(site);
	streams_deinit(&site->streams);
	jobs_deinit(&site->jobs);
	for (size_t i = 0; i < site->profile_count; i++)
		drop_profile(site->profiles[i]);
	free(site->server.connections);
	arena_deinit(&site->arena);
	free(site);
}

bool site_run_take(const struct site_options *options, struct profile *profile,
		   struct error *err)
{
	struct sigaction action = { .sa_handler = finish };
	struct site *site = table_zeroed(1, sizeof(*site));
	bool is_run;

	site->options = options;
	site_init(site);
	if (profile != NULL)
		site_add_profile_take(site, profile, "");
	is_run = http_listen(options->listen, &site->listener, err) &&
		 make_token(site, err);
	if (is_run) {
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
		if (profile != NULL && !options->has_no_pages)
			report_prepare(site, site->profiles[0]);
		tell_address(site);
		run(site);
	}
	site_deinit(site);
	return is_run;
}
