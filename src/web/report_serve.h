// Reports on the profiles of the site, each computed in a child process and kept.
#pragma once

struct answer;
struct http_request;
struct http_ticket;
struct site;
struct site_profile;

void report_serve(struct site *site, const struct answer *answer,
		  const struct http_request *request, struct http_ticket ticket);

// Begins with what a browser will ask for first, before it asks, and keeps it.
void report_prepare(struct site *site, struct site_profile *profile);
