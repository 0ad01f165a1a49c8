// The endpoints of net/http/pprof for a process that serves nothing itself.
#pragma once

#include <stdbool.h>

struct http_request;
struct http_ticket;
struct site;

// False where the path is none of them, or there is no process.
bool endpoints_serve(struct site *site, const struct http_request *request,
		     struct http_ticket ticket);
