// Escaping and punctuation of JSON.
#include "base/json.h"

#include <math.h>
#include <stdio.h>

#include "base/writer.h"

struct json json_to(struct writer *w)
{
	return (struct json){ .w = w };
}

static void new_line(struct json *j)
{
	if (!j->is_pretty)
		return;
	writer_char(j->w, '\n');
	for (unsigned i = 0; i < j->depth; i++)
		writer_text(j->w, "  ");
}

// Before a key, or before a value that stands in an array.
static void separate(struct json *j)
{
	if (j->needs_comma)
		writer_char(j->w, ',');
	if (j->needs_comma || j->depth > 0)
		new_line(j);
	j->needs_comma = false;
}

static void begin(struct json *j, char bracket)
{
	if (j->needs_comma)
		separate(j);
	writer_char(j->w, bracket);
	j->depth++;
	j->needs_comma = false;
}

static void end(struct json *j, char bracket)
{
	bool is_empty = !j->needs_comma;

	j->depth--;
	if (!is_empty)
		new_line(j);
	writer_char(j->w, bracket);
	j->needs_comma = true;
}

void json_object_begin(struct json *j)
{
	begin(j, '{');
}

void json_object_end(struct json *j)
{
	end(j, '}');
}

void json_array_begin(struct json *j)
{
	begin(j, '[');
}

void json_array_end(struct json *j)
{
	end(j, ']');
}

// Length of the UTF-8 sequence at p, or 0 where there is none.
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t length = p[0] < 0x80   ? 1
			: p[0] < 0xc2 ? 0
			: p[0] < 0xe0 ? 2
			: p[0] < 0xf0 ? 3
			: p[0] < 0xf5 ? 4
				      : 0;

	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

static void escape(struct writer *w, unsigned char c)
{
	switch (c) {
	case '"':
		writer_text(w, "\\\"");
		return;
	case '\\':
		writer_text(w, "\\\\");
		return;
	case '\n':
		writer_text(w, "\\n");
		return;
	case '\t':
		writer_text(w, "\\t");
		return;
	default:
		writer_format(w, "\\u%04x", c);
	}
}

static bool must_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' ||
	       c == 0x7f;
}

static void quoted(struct writer *w, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	writer_char(w, '"');
	while (i < s.n) {
		size_t length = utf8_length(p + i, s.n - i);

		if (length == 0) {
			writer_text(w, "\xef\xbf\xbd");
			i++;
			continue;
		}
		if (length == 1 && must_escape(p[i]))
			escape(w, p[i]);
		else
			writer_bytes(w, p + i, length);
		i += length;
	}
	writer_char(w, '"');
}

void json_key(struct json *j, const char *key)
{
	separate(j);
	quoted(j->w, str_from(key));
	writer_text(j->w, j->is_pretty ? ": " : ":");
}

void json_string(struct json *j, struct str value)
{
	if (j->needs_comma)
		separate(j);
	quoted(j->w, value);
	j->needs_comma = true;
}

void json_i64(struct json *j, int64_t value)
{
	if (j->needs_comma)
		separate(j);
	writer_i64(j->w, value);
	j->needs_comma = true;
}

void json_u64(struct json *j, uint64_t value)
{
	if (j->needs_comma)
		separate(j);
	writer_u64(j->w, value);
	j->needs_comma = true;
}

static void word(struct json *j, const char *text)
{
	if (j->needs_comma)
		separate(j);
	writer_text(j->w, text);
	j->needs_comma = true;
}

void json_double(struct json *j, double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.12g", value);
	word(j, isfinite(value) ? text : "null");
}

void json_bool(struct json *j, bool value)
{
	word(j, value ? "true" : "false");
}

void json_null(struct json *j)
{
	word(j, "null");
}

void json_key_string(struct json *j, const char *key, struct str value)
{
	json_key(j, key);
	json_string(j, value);
}

void json_key_i64(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_i64(j, value);
}

void json_key_bool(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	json_bool(j, value);
}

void json_key_double(struct json *j, const char *key, double value)
{
	json_key(j, key);
	json_double(j, value);
}
