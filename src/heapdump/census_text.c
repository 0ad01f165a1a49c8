// Tables in bytes: figures that people compare and add up.
#include "heapdump/census_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "heapdump/census.h"

static size_t shown_rows(size_t count, size_t most)
{
	return most == 0 || count < most ? count : most;
}

static const char *word_of(enum naming_by by)
{
	return by == NAMING_BY_SITE ? "site" : "type";
}

void census_text(const struct census *census, size_t most, struct writer *w)
{
	size_t shown = shown_rows(census->count, most);

	writer_format(w, "Showing %zu of %zu %ss, by what they retain\n", shown,
		      census->count, word_of(census->by));
	writer_format(w, "%12s %14s %14s  %s\n", "count", "bytes", "retained",
		      word_of(census->by));
	for (size_t i = 0; i < shown; i++) {
		const struct census_row *row = &census->rows[i];

		writer_format(w, "%12" PRIu64 " %14" PRIu64 " %14" PRIu64 "  %.*s\n",
			      row->count, row->bytes, row->retained, (int)row->name.n,
			      row->name.p);
	}
}

void census_text_json(const struct census *census, size_t most, struct json *json)
{
	size_t shown = shown_rows(census->count, most);

	json_key_string(json, "by", str_from(word_of(census->by)));
	json_key_i64(json, "row_count", (int64_t)census->count);
	json_key(json, "rows");
	json_array_begin(json);
	for (size_t i = 0; i < shown; i++) {
		const struct census_row *row = &census->rows[i];

		json_object_begin(json);
		json_key_string(json, "name", row->name);
		json_key_i64(json, "count", (int64_t)row->count);
		json_key_i64(json, "bytes", (int64_t)row->bytes);
		json_key_i64(json, "retained", (int64_t)row->retained);
		json_object_end(json);
	}
	json_array_end(json);
}

void census_text_difference(const struct census_difference *difference, size_t most,
			    struct writer *w)
{
	size_t shown = shown_rows(difference->count, most);

	writer_format(w,
		      "%+" PRId64 " objects, %+" PRId64 " bytes, reachable ones alone\n",
		      difference->objects, difference->bytes);
	writer_format(w, "Showing %zu of %zu that differ, those that grew most first\n",
		      shown, difference->count);
	writer_format(w, "%12s %14s %14s  %s\n", "count", "bytes", "retained", "name");
	for (size_t i = 0; i < shown; i++) {
		const struct census_difference_row *row = &difference->rows[i];

		writer_format(w, "%+12" PRId64 " %+14" PRId64 " %+14" PRId64 "  %.*s\n",
			      row->count, row->bytes, row->retained, (int)row->name.n,
			      row->name.p);
	}
}

static void write_side(struct json *json, const char *key, const struct census_row *row)
{
	json_key(json, key);
	json_object_begin(json);
	json_key_i64(json, "count", (int64_t)row->count);
	json_key_i64(json, "bytes", (int64_t)row->bytes);
	json_key_i64(json, "retained", (int64_t)row->retained);
	json_object_end(json);
}

void census_text_difference_json(const struct census_difference *difference, size_t most,
				 struct json *json)
{
	size_t shown = shown_rows(difference->count, most);

	json_key_i64(json, "objects", difference->objects);
	json_key_i64(json, "bytes", difference->bytes);
	json_key_i64(json, "row_count", (int64_t)difference->count);
	json_key(json, "rows");
	json_array_begin(json);
	for (size_t i = 0; i < shown; i++) {
		const struct census_difference_row *row = &difference->rows[i];

		json_object_begin(json);
		json_key_string(json, "name", row->name);
		json_key_i64(json, "count", row->count);
		json_key_i64(json, "bytes", row->bytes);
		json_key_i64(json, "retained", row->retained);
		write_side(json, "before", &row->before);
		write_side(json, "after", &row->after);
		json_object_end(json);
	}
	json_array_end(json);
}
