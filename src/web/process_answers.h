// What one live process can give, its numbers, and lines as things happen, for the pages.
#pragma once

#include <stdbool.h>

struct http_request;
struct http_ticket;
struct site;

// Answers "/api/process", "/api/numbers?kind=memory|memstats" and
// "/api/stream?kind=gctrace|schedtrace" (GET); false where the path is none of them.
bool process_answers_serve(struct site *site, const struct http_request *request,
			   struct http_ticket ticket);
