// What the pages' server holds; site.c runs it, the files beside it answer.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/writer.h"
#include "http/server.h"
#include "web/jobs.h"
#include "web/recording.h"
#include "web/site.h"
#include "web/streams.h"

enum { SITE_PROFILES_MAX = 16, SITE_TOKEN_BYTES = 32 };

// A profile that pages may name by its number; stays at its address.
struct site_profile {
	uint32_t id;
	struct profile *profile;
	char title[96];
};

// What is being answered, by slot of the server.
struct site_exchange {
	struct http_ticket ticket;
	struct job *job;            // its result is the reply, NULL: none
	const char *type, *headers; // of its reply
	bool waits, is_compressed;
	struct writer text; // a reply made on the spot
};

struct site {
	const struct site_options *options;
	struct http_listener listener;
	struct http_server server;
	struct jobs jobs;
	struct site_exchange exchanges[HTTP_CONNECTIONS_MAX];
	struct site_profile *profiles[SITE_PROFILES_MAX];
	size_t profile_count;
	uint32_t last_profile_id;
	struct recordings recordings;
	struct streams streams;
	char token[SITE_TOKEN_BYTES + 1]; // "": none is asked for
	struct arena arena;               // of the embedded pages
	struct str page, style, script;
};

// The newest where id is 0; NULL: none.
struct site_profile *site_find_profile(struct site *site, uint32_t id);

// Adds one, forgetting the oldest where there are too many; returns its number.
uint32_t site_add_profile_take(struct site *site, struct profile *profile,
			       const char *title);

// An empty text for the reply, which the exchange owns.
struct writer *site_text(struct site *site, struct http_ticket ticket);

// Replies what was written to site_text.
void site_reply_text(struct site *site, struct http_ticket ticket, const char *type);
void site_refuse(struct site *site, struct http_ticket ticket, int status,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

// The body is what the descriptor yields; it is taken over. More header lines or NULL.
void site_reply_stream_take(struct site *site, struct http_ticket ticket, int stream,
			    const char *headers);
void site_reply_result(struct site *site, struct site_exchange *exchange);
void site_reply_page(struct site *site, const struct http_request *request,
		     struct http_ticket ticket);
void site_redirect(struct site *site, const struct http_request *request,
		   struct http_ticket ticket, const char *path);

// Replies with the result of a job once it has ended; a user of it is this exchange.
void site_await(struct site *site, struct http_ticket ticket, struct job *job,
		const char *type, const char *headers);
