// Strings and rows by the file's own indices and ids, once all messages were seen.
#include "profile/proto_resolve.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "profile/profile.h"

static bool check_strings(const struct proto_decoder *d, struct error *err)
{
	uint64_t max = d->max_string > d->samples.max_string ? d->max_string
							     : d->samples.max_string;

	if (d->string_count > 0 && d->strings[0].n > 0)
		return error_set(err, ERROR_FORMAT,
				 "malformed profile: string_table[0] must be ''");
	if (max >= d->string_count)
		return error_set(err, ERROR_FORMAT,
				 "malformed profile: string %" PRIu64
				 " is referred to, but the string table has %zu",
				 max, d->string_count);
	return true;
}

// Copies the part of the input that holds the strings, so that the rest can be let go.
static void keep_strings(struct proto_decoder *d)
{
	const char *from = d->strings[0].p, *to = from;
	size_t capacity = 0;

	for (size_t i = 0; i < d->string_count; i++) {
		const char *start = d->strings[i].p, *end = start + d->strings[i].n;

		from = start < from ? start : from;
		to = end > to ? end : to;
	}
	d->profile->input_size = (size_t)(to - from);
	d->profile->input = table_reserve(NULL, &capacity, d->profile->input_size + 1, 1);
	memcpy(d->profile->input, from, d->profile->input_size);
	for (size_t i = 0; i < d->string_count; i++)
		d->strings[i].p =
			(const char *)d->profile->input + (d->strings[i].p - from);
}

static void translate(struct proto_decoder *d, const uint32_t *ids)
{
	struct profile *profile = d->profile;

	for (size_t i = 0; i < profile->type_count; i++) {
		profile->types[i].type = ids[profile->types[i].type];
		profile->types[i].unit = ids[profile->types[i].unit];
	}
	for (size_t i = 0; i < profile->mapping_count; i++) {
		profile->mappings[i].file = ids[profile->mappings[i].file];
		profile->mappings[i].build_id = ids[profile->mappings[i].build_id];
	}
	for (size_t i = 0; i < profile->function_count; i++) {
		struct profile_function *function = &profile->functions[i];

		function->name = ids[function->name];
		function->system_name = ids[function->system_name];
		function->filename = ids[function->filename];
	}
	for (size_t i = 0; i < profile->comment_count; i++)
		profile->comments[i] = ids[profile->comments[i]];
	profile->period_type.type = ids[profile->period_type.type];
	profile->period_type.unit = ids[profile->period_type.unit];
	profile->drop_frames = ids[profile->drop_frames];
	profile->keep_frames = ids[profile->keep_frames];
	profile->doc_url = ids[profile->doc_url];
	profile->default_type = ids[profile->default_type];
	proto_samples_translate(&d->samples, ids);
}

static void intern_strings(struct proto_decoder *d)
{
	CLEANUP_FREE uint32_t *ids = NULL;
	size_t capacity = 0;

	keep_strings(d);
	ids = table_reserve(NULL, &capacity, d->string_count, sizeof(*ids));
	interner_add_views(&d->profile->strings, d->strings, d->string_count, ids);
	// Without duplicates the indices of the file are our ids.
	if (d->profile->strings.count != d->string_count)
		translate(d, ids);
	free(d->strings);
	d->strings = NULL;
}

static bool bad_id(struct error *err, const char *what, uint64_t id)
{
	if (id == 0)
		return error_set(err, ERROR_FORMAT,
				 "malformed profile: found %s with reserved id=0", what);
	return error_set(err, ERROR_FORMAT,
			 "malformed profile: multiple %ss with same id: %" PRIu64, what,
			 id);
}

static bool resolve_mappings(struct proto_decoder *d, struct error *err)
{
	struct profile *profile = d->profile;
	struct proto_rows rows;
	uint64_t id;

	if (!proto_rows_init(&rows, profile->mappings, profile->mapping_count,
			     sizeof(*profile->mappings), &id)) {
		proto_rows_deinit(&rows);
		return bad_id(err, "mapping", id);
	}
	// As in pprof, an id that no mapping has means none.
	for (size_t i = 0; i < profile->location_count; i++)
		profile->locations[i].mapping = proto_rows_find(
			&rows, &d->mapping_refs, profile->locations[i].mapping);
	proto_rows_deinit(&rows);
	return true;
}

static bool resolve_lines(struct proto_decoder *d, const struct proto_rows *rows,
			  struct error *err)
{
	struct profile *profile = d->profile;

	for (size_t i = 0; i < profile->line_count; i++) {
		uint32_t ref = profile->lines[i].function;

		profile->lines[i].function =
			proto_rows_find(rows, &d->function_refs, ref);
		if (profile->lines[i].function == PROFILE_NONE)
			return error_set(err, ERROR_FORMAT,
					 "malformed profile: a line refers to function "
					 "%" PRIu64 ", which the profile does not have",
					 proto_refs_id(&d->function_refs, ref));
	}
	return true;
}

static bool resolve_functions(struct proto_decoder *d, struct error *err)
{
	struct profile *profile = d->profile;
	struct proto_rows rows;
	uint64_t id;
	bool is_ok = proto_rows_init(&rows, profile->functions, profile->function_count,
				     sizeof(*profile->functions), &id)
			     ? resolve_lines(d, &rows, err)
			     : bad_id(err, "function", id);

	proto_rows_deinit(&rows);
	return is_ok;
}

static bool resolve_samples(struct proto_decoder *d, struct error *err)
{
	struct profile *profile = d->profile;
	struct proto_rows rows;
	uint64_t id;
	bool is_ok = proto_rows_init(&rows, profile->locations, profile->location_count,
				     sizeof(*profile->locations), &id)
			     ? proto_samples_resolve(&d->samples, &rows, err)
			     : bad_id(err, "location", id);

	proto_rows_deinit(&rows);
	return is_ok;
}

bool proto_resolve(struct proto_decoder *d, struct error *err)
{
	if (!check_strings(d, err) || !proto_samples_finish(&d->samples, err) ||
	    !resolve_mappings(d, err) || !resolve_functions(d, err) ||
	    !resolve_samples(d, err))
		return false;
	intern_strings(d);
	return true;
}
