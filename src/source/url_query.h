// The query of a URL: pairs, escapes, order.
#pragma once

#include <stdint.h>

#include "base/str.h"

struct arena;

// The query as pprof sends it: sorted by key, escaped anew, without what cannot be
// unescaped; with seconds above 0, "seconds" is set to it.
struct str url_query_rewrite(struct arena *arena, struct str query, int64_t seconds);

// The first value of "seconds" that is a whole number above 0, else 0.
int64_t url_query_seconds(struct arena *arena, struct str query);

// Undoes %XX; false where one is malformed.
bool url_unescape(struct arena *arena, struct str s, struct str *out);
