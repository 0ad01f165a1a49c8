// What a word means as a URL of a profile, completed as `go tool pprof` completes it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

// Strings live in the arena given and are followed by a NUL byte.
struct url {
	struct str text;    // for people: whole, but without a password
	struct str request; // to ask for: http, https, or a scheme that fetching refuses
	struct str host;    // without port and brackets
	struct str socket;  // path of the Unix socket to ask at, "": TCP
	bool is_insecure;   // https without verification
	int64_t seconds;    // how long the server measures, 0: not said
	int64_t timeout_seconds;
};

// What was asked for beside the word; 0 or less: not given.
struct url_wish {
	int64_t seconds, timeout_seconds;
};

// False where the word is no URL: it names no host. "host:6060" and "//host" are http; an
// empty path is Go's CPU profile. Schemes: http, https, https+insecure; unix and
// http+unix, whose path is the socket's followed by the request's, or whose host is the
// socket's path with %2F for '/'. Whether a file of that name exists is the caller's to
// ask first.
bool url_parse(const char *word, const struct url_wish *wish, struct arena *arena,
	       struct url *out) __attribute__((warn_unused_result));

// Where the server that gave a profile gives names to addresses: .../symbol for the paths
// of Go and gperftools, else .../symbolz.
struct url url_of_symbols(const struct url *profile, struct arena *arena);
