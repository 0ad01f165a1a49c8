// What a page must know before it asks for reports.
#pragma once

#include <stdbool.h>

struct http_request;
struct http_ticket;
struct site;

// Answers "/api/state": the profiles, the options they start from, what can be captured;
// and "/api/processes". False: another path.
bool state_serve(struct site *site, const struct http_request *request,
		 struct http_ticket ticket);
