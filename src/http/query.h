// Parameters of a URL or a posted form. Allocates nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

// What '+' means: a blank in queries and forms, itself in paths.
enum http_plus { HTTP_PLUS_STAYS, HTTP_PLUS_IS_BLANK };

// Undoes %XX in place and shortens *size; false where an escape is malformed or stands
// for NUL.
bool http_query_unescape(char *text, size_t *size, enum http_plus plus)
	__attribute__((warn_unused_result));

// The next name and value of `rest`, still escaped; false at the end. Empty pairs are
// passed over.
bool http_query_next(struct str *rest, struct str *name, struct str *value);

// The first value of a parameter, unescaped into the buffer. Views the buffer; no bytes
// where the parameter is missing, malformed or longer than the buffer.
struct str http_query_value(struct str query, struct str name, char *buffer, size_t size);

bool http_query_has(struct str query, struct str name);
