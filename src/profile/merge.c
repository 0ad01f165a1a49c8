// Headers are combined here; the rows are merge_rows.c's business.
#include "profile/merge.h"

#include <stdlib.h>

#include "base/error.h"
#include "profile/label_edit.h"
#include "profile/merge_rows.h"
#include "profile/merge_types.h"
#include "profile/profile.h"
#include "profile/scale.h"

static uint32_t copy_string(struct profile *out, const struct profile *source,
			    uint32_t id)
{
	return profile_intern(out, profile_string(source, id));
}

static struct profile_value_type copy_type(struct profile *out,
					   const struct profile *source,
					   struct profile_value_type type)
{
	return (struct profile_value_type){
		copy_string(out, source, type.type),
		copy_string(out, source, type.unit),
	};
}

static void add_comments(struct profile *out, const struct profile *source)
{
	for (size_t i = 0; i < source->comment_count; i++) {
		uint32_t comment = copy_string(out, source, source->comments[i]);
		bool is_new = true;

		for (size_t j = 0; j < out->comment_count; j++)
			is_new &= out->comments[j] != comment;
		if (is_new)
			profile_add_comment(out, profile_string(out, comment));
	}
}

static void add_quality(struct profile_quality *sum, const struct profile_quality *part)
{
	sum->is_known |= part->is_known;
	sum->samples += part->samples;
	sum->lost += part->lost;
	sum->truncated += part->truncated;
	sum->cpu_ns += part->cpu_ns;
	sum->unsampled_ns += part->unsampled_ns;
	sum->rate_hz = part->rate_hz > sum->rate_hz ? part->rate_hz : sum->rate_hz;
}

static void add_header(struct profile *out, const struct profile *source)
{
	if (out->time_ns == 0 || source->time_ns < out->time_ns)
		out->time_ns = source->time_ns;
	out->duration_ns =
		(int64_t)((uint64_t)out->duration_ns + (uint64_t)source->duration_ns);
	if (out->period == 0 || out->period < source->period)
		out->period = source->period;
	if (out->default_type == 0)
		out->default_type = copy_string(out, source, source->default_type);
	if (out->doc_url == 0)
		out->doc_url = copy_string(out, source, source->doc_url);
	add_comments(out, source);
	add_quality(&out->quality, &source->quality);
}

static struct profile *create_like(const struct profile *first)
{
	struct profile *out = profile_create();
	size_t capacity = 0;

	out->types =
		table_reserve(NULL, &capacity, first->type_count, sizeof(*out->types));
	for (size_t i = 0; i < first->type_count; i++)
		out->types[i] = copy_type(out, first, first->types[i]);
	out->type_count = first->type_count;
	out->period_type = copy_type(out, first, first->period_type);
	out->drop_frames = copy_string(out, first, first->drop_frames);
	out->keep_frames = copy_string(out, first, first->keep_frames);
	return out;
}

static struct profile *combine(struct profile **sources, size_t count)
{
	struct profile *out = create_like(sources[0]);
	struct merge_rows rows;

	merge_rows_init(&rows, out);
	for (size_t i = 0; i < count; i++) {
		add_header(out, sources[i]);
		merge_rows_add(&rows, sources[i]);
	}
	merge_rows_deinit(&rows);
	return out;
}

// Values of opposite sign cancel out: then the rows that only they needed go as well.
static struct profile *without_zeros(struct profile *profile)
{
	struct profile *out;

	for (size_t i = 0; i < profile->sample_count; i++) {
		const int64_t *values = profile_values(profile, i);
		size_t zeros = 0;

		while (zeros < profile->type_count && values[zeros] == 0)
			zeros++;
		if (zeros < profile->type_count)
			continue;
		out = combine(&profile, 1);
		profile_destroy(profile);
		return out;
	}
	return profile;
}

static bool check_all(struct profile **sources, size_t count, struct error *err)
{
	if (!merge_types_align(sources, count, err))
		return false;
	for (size_t i = 1; i < count; i++) {
		if (!merge_types_check(sources[0], sources[i], err))
			return false;
	}
	return true;
}

bool merge_take(struct profile **sources, size_t count, struct profile **out,
		struct error *err)
{
	bool is_ok;

	if (count == 1) {
		*out = sources[0];
		return true;
	}
	is_ok = check_all(sources, count, err);
	if (is_ok)
		*out = without_zeros(combine(sources, count));
	for (size_t i = 0; i < count; i++)
		profile_destroy(sources[i]);
	return is_ok;
}

bool merge_base_take(struct profile **profile, struct profile *base,
		     const struct merge_base_options *options, struct error *err)
{
	struct profile *pair[2] = { *profile, base };

	*profile = NULL;
	if (options->is_diff)
		label_edit_set(base, STR("pprof::base"), STR("true"));
	if (options->normalize) {
		if (!merge_types_check(pair[0], base, err)) {
			profile_destroy(pair[0]);
			profile_destroy(base);
			return false;
		}
		scale_to_base(pair[0], base);
	}
	scale_all(base, -1);
	return merge_take(pair, 2, profile, err);
}
