// Pages on a profile: what -http and goprof web do.
#pragma once

#include <stdbool.h>

struct error;
struct profile;
struct report_request;
struct site_options;

// Serves until a signal ends it and opens the browser unless told not to. The profile is
// taken over.
bool serve_pages_take(const struct report_request *request, struct profile *profile,
		      struct error *err) __attribute__((warn_unused_result));

// What the request says of pages; the rest is the caller's.
void serve_pages_options(const struct report_request *request, struct site_options *out);
