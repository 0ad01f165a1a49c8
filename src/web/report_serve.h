// Reports on the profiles of the site, each computed in a child process and kept.
#pragma once

struct answer;
struct http_request;
struct http_ticket;
struct site;

void report_serve(struct site *site, const struct answer *answer,
		  const struct http_request *request, struct http_ticket ticket);
