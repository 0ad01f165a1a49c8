// Replies of the pages' server: texts made on the spot, results of jobs, refusals.
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "http/query.h"
#include "web/assets.h"
#include "web/site_state.h"

// Nothing but our own files runs in a page, and no other page may frame it.
#define HEADERS                                                                      \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src " \
	"'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "        \
	"form-action 'self'; frame-ancestors 'none'\r\n"                             \
	"Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"

// By the last line pprof knows that the text is for its user.
#define REFUSAL_HEADERS HEADERS "X-Go-Pprof: 1\r\n"

enum { STATUS_REFUSED = 400 };

struct writer *site_text(struct site *site, struct http_ticket ticket)
{
	struct writer *text = &site->exchanges[ticket.slot].text;

	if (text->buffer == NULL)
		*text = writer_to_memory();
	text->used = 0;
	return text;
}

static void reply_text(struct site *site, struct http_ticket ticket, int status,
		       const char *type)
{
	const struct writer *text = &site->exchanges[ticket.slot].text;

	(void)http_server_reply(&site->server, ticket,
				&(struct http_reply){ .status = status,
						      .type = type,
						      .headers = status >= STATUS_REFUSED
									 ? REFUSAL_HEADERS
									 : HEADERS,
						      .body = writer_contents(text) });
}

void site_reply_text(struct site *site, struct http_ticket ticket, const char *type)
{
	reply_text(site, ticket, 200, type);
}

void site_reply_stream_take(struct site *site, struct http_ticket ticket, int stream,
			    const char *headers)
{
	char all[1024];

	snprintf(all, sizeof(all), HEADERS "%s", headers == NULL ? "" : headers);
	(void)http_server_reply(&site->server, ticket,
				&(struct http_reply){ .headers = all,
						      .has_stream = true,
						      .stream = stream });
}

void site_refuse(struct site *site, struct http_ticket ticket, int status,
		 const char *format, ...)
{
	char sentence[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	writer_format(site_text(site, ticket), "%s\n", sentence);
	reply_text(site, ticket, status, NULL);
}

void site_reply_result(struct site *site, struct site_exchange *exchange)
{
	const struct job *job = exchange->job;
	const char *more = exchange->headers;
	char headers[1024];
	int length = (int)job->result.n;

	exchange->waits = false;
	if (job->state == JOB_FAILED) {
		if (length > 0)
			site_refuse(site, exchange->ticket, 422, "%.*s", length,
				    job->result.p);
		else
			site_refuse(site, exchange->ticket, 503,
				    "the report was ended: it took too long or too much "
				    "memory; try filters that leave less");
		return;
	}
	snprintf(headers, sizeof(headers), HEADERS "%s%s", more == NULL ? "" : more,
		 exchange->is_compressed ? "Content-Encoding: gzip\r\n" : "");
	(void)http_server_reply(&site->server, exchange->ticket,
				&(struct http_reply){ .type = exchange->type,
						      .headers = headers,
						      .body = job->result });
}

void site_await(struct site *site, struct http_ticket ticket, struct job *job,
		const char *type, const char *headers)
{
	struct site_exchange *exchange = &site->exchanges[ticket.slot];

	exchange->ticket = ticket;
	exchange->job = job;
	exchange->type = type;
	exchange->headers = headers;
	exchange->waits = true;
}

// Where the address has a token, it becomes a cookie, and the address loses it.
void site_reply_page(struct site *site, const struct http_request *request,
		     struct http_ticket ticket)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const char *folder = site->options->ui_folder;
	char headers[256];

	if (site->token[0] != '\0' && http_query_has(request->query, STR("token"))) {
		snprintf(headers, sizeof(headers),
			 "Location: /\r\nSet-Cookie: goprof=%s; HttpOnly; "
			 "SameSite=Strict; Path=/\r\n",
			 site->token);
		(void)http_server_reply(&site->server, ticket,
					&(struct http_reply){ .status = 303,
							      .headers = headers });
		return;
	}
	writer_str(site_text(site, ticket),
		   folder == NULL ? site->page : assets_page(&scratch, folder));
	site_reply_text(site, ticket, "text/html; charset=utf-8");
}

void site_redirect(struct site *site, const struct http_request *request,
		   struct http_ticket ticket, const char *path)
{
	char headers[HTTP_TARGET_MAX + 64];

	snprintf(headers, sizeof(headers), "Location: %s%s%.*s\r\n", path,
		 request->query.n > 0 ? "?" : "", (int)request->query.n,
		 request->query.p);
	(void)http_server_reply(&site->server, ticket,
				&(struct http_reply){ .status = 307,
						      .headers = headers });
}
