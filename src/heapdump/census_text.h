// Writes a census, and the difference of two, as a table or as JSON.
#pragma once

#include <stddef.h>

struct census;
struct census_difference;
struct json;
struct writer;

// At most `most` rows, 0: all of them.
void census_text(const struct census *census, size_t most, struct writer *w);
void census_text_difference(const struct census_difference *difference, size_t most,
			    struct writer *w);

// The members of an object that the caller has begun.
void census_text_json(const struct census *census, size_t most, struct json *json);
void census_text_difference_json(const struct census_difference *difference, size_t most,
				 struct json *json);
