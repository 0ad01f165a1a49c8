// The header of a flame graph page, as data.
#include "report/flame_facts.h"

#include <stdbool.h>

#include "base/json.h"
#include "profile/profile.h"
#include "report/flame.h"
#include "report/options.h"

static void write_types(const struct flame *flame, struct json *j)
{
	const struct profile *profile = flame->profile;

	json_key(j, "types");
	json_array_begin(j);
	for (size_t i = 0; i < flame->type_count; i++) {
		const struct profile_value_type *type =
			&profile->types[i % profile->type_count];

		json_object_begin(j);
		json_key_string(j, "type", profile_string(profile, type->type));
		json_key_string(j, "unit", profile_string(profile, type->unit));
		if (i >= profile->type_count)
			json_key_bool(j, "base", true);
		if (flame->times[i] != 0)
			json_key_i64(j, "times", flame->times[i]);
		json_object_end(j);
	}
	json_array_end(j);
	json_key_i64(j, "type", (int64_t)flame->type);
}

// How many events the profile counts, where a column says it.
static bool counted_samples(const struct flame *flame, int64_t *count)
{
	const struct profile *profile = flame->profile;

	for (size_t i = 0; i < profile->type_count; i++) {
		if (str_equal(profile_string(profile, profile->types[i].type),
			      STR("samples"))) {
			for (size_t row = 0; row < profile->sample_count; row++)
				*count += profile_values(profile, row)[i];
			return true;
		}
	}
	return false;
}

static bool is_time(struct str unit)
{
	return str_equal(unit, STR("nanoseconds"));
}

static void write_rate(const struct profile *profile, struct json *j)
{
	struct str unit = profile_string(profile, profile->period_type.unit);

	if (profile->quality.rate_hz > 0)
		json_key_i64(j, "rateHz", (int64_t)profile->quality.rate_hz);
	else if (profile->period > 0 && is_time(unit))
		json_key_double(j, "rateHz", 1e9 / (double)profile->period);
	else if (profile->period > 1) {
		json_key_i64(j, "period", profile->period);
		json_key_string(j, "periodUnit", unit);
	}
	// One in `period` events is taken, the values stand for all of them.
	json_key_bool(j, "isEstimated",
		      profile->quality.rate_hz > 0 || profile->period > 1);
}

static void write_quality(const struct flame *flame, struct json *j)
{
	const struct profile_quality *quality = &flame->profile->quality;
	int64_t samples = 0;

	if (quality->is_known) {
		json_key_i64(j, "samples", (int64_t)quality->samples);
		json_key_i64(j, "lost", (int64_t)quality->lost);
		json_key_i64(j, "truncated", (int64_t)quality->truncated);
		json_key_i64(j, "cpuNs", (int64_t)quality->cpu_ns);
		json_key_i64(j, "unsampledNs", (int64_t)quality->unsampled_ns);
	} else if (counted_samples(flame, &samples)) {
		json_key_i64(j, "samples", samples);
	}
	json_key_i64(j, "rows", (int64_t)flame->profile->sample_count);
	json_key_i64(j, "frames", (int64_t)flame->frames_seen);
	json_key_i64(j, "unnamed", (int64_t)flame->unnamed_seen);
}

enum { NOTES_MAX = 8 };

// What the profile says of itself in words, but for the quality that is told in numbers.
static void write_notes(const struct profile *profile, struct json *j)
{
	size_t count = 0;

	json_key(j, "notes");
	json_array_begin(j);
	for (size_t i = 0; i < profile->comment_count && count < NOTES_MAX; i++) {
		struct str text = profile_string(profile, profile->comments[i]);

		if (text.n == 0 || str_starts_with(text, STR("#")) ||
		    (profile->quality.is_known && str_starts_with(text, STR("goprof:"))))
			continue;
		json_string(j, text);
		count++;
	}
	json_array_end(j);
}

static void write_filters(const struct report_options *options, struct json *j)
{
	const struct {
		const char *name;
		struct str value;
	} filters[] = {
		{ "focus", options->focus },
		{ "ignore", options->ignore },
		{ "hide", options->hide },
		{ "show", options->show },
		{ "show_from", options->show_from },
		{ "prune_from", options->prune_from },
		{ "tagfocus", options->tag_focus },
		{ "tagignore", options->tag_ignore },
	};

	json_key(j, "filters");
	json_array_begin(j);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		if (filters[i].value.n == 0)
			continue;
		json_array_begin(j);
		json_string(j, str_from(filters[i].name));
		json_string(j, filters[i].value);
		json_array_end(j);
	}
	json_array_end(j);
}

void flame_facts_write(const struct flame *flame, const struct report_options *options,
		       struct json *j)
{
	const struct profile *profile = flame->profile;
	struct str program = STR("");

	if (profile->mapping_count > 0)
		program =
			str_basename(profile_string(profile, profile->mappings[0].file));
	json_key_string(j, "program", program);
	write_types(flame, j);
	json_key_double(j, "scale", options->divide_by > 0 ? 1 / options->divide_by : 1);
	json_key(j, "facts");
	json_object_begin(j);
	json_key_double(j, "timeMs", (double)(profile->time_ns / 1000000));
	json_key_i64(j, "durationNs", profile->duration_ns);
	write_rate(profile, j);
	write_quality(flame, j);
	json_object_end(j);
	write_notes(profile, j);
	write_filters(options, j);
}
