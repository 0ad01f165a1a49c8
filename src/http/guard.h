// Who may ask: guards against pages of other sites that reach for a server on this
// machine (DNS rebinding, cross-site requests).
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct http_request;

// 0, or the status to refuse with and one clause for people. Host must be a loopback name
// or address, or an address, or `own_name` (with any port): a rebound name is none of
// them. Unix sockets are asked no Host. A request that another site's page makes is
// refused, except that of a link the user follows.
int http_guard_check(const struct http_request *request, struct str own_name,
		     const char **why);

// Compares in a time that depends on the lengths only.
bool http_guard_is_token(struct str given, struct str token);
