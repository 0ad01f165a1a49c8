// A small JSON writer: commas, quotes and escapes are its own business.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct writer;

// Sticky like the writer below it, whose writer_finish reports failures. Keys are given
// before values inside objects. Bytes that are not UTF-8 become U+FFFD; '<', '>' and '&'
// are escaped so that the text may stand inside an HTML script element.
struct json {
	struct writer *w;
	bool needs_comma;
	bool is_pretty; // one member a line, two blanks a level
	unsigned depth;
};

struct json json_to(struct writer *w);

void json_object_begin(struct json *j);
void json_object_end(struct json *j);
void json_array_begin(struct json *j);
void json_array_end(struct json *j);

void json_key(struct json *j, const char *key);
void json_string(struct json *j, struct str value);
void json_i64(struct json *j, int64_t value);
void json_u64(struct json *j, uint64_t value);
void json_double(struct json *j, double value); // NaN and infinities become null
void json_bool(struct json *j, bool value);
void json_null(struct json *j);

// A key and its value in one call.
void json_key_string(struct json *j, const char *key, struct str value);
void json_key_i64(struct json *j, const char *key, int64_t value);
void json_key_bool(struct json *j, const char *key, bool value);
void json_key_double(struct json *j, const char *key, double value);
