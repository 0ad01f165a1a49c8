// Types are told apart by name; units of one family are converted.
#include "profile/merge_types.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "profile/profile.h"
#include "profile/scale.h"
#include "profile/unit.h"

enum { NO_COLUMN = -1 };

static struct str type_name(const struct profile *profile, size_t column)
{
	return profile_string(profile, profile->types[column].type);
}

static struct str type_unit(const struct profile *profile, size_t column)
{
	return profile_string(profile, profile->types[column].unit);
}

static ptrdiff_t find_column(const struct profile *profile, struct str name)
{
	for (size_t i = 0; i < profile->type_count; i++) {
		if (str_equal(type_name(profile, i), name))
			return (ptrdiff_t)i;
	}
	return NO_COLUMN;
}

static bool all_have(struct profile **profiles, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (find_column(profiles[i], name) == NO_COLUMN)
			return false;
	}
	return true;
}

// Rewrites the columns of a profile to those named. Names are interned before the old
// types go, since they may be its own strings.
static void select_columns(struct profile *profile, const struct str *names, size_t count)
{
	CLEANUP_FREE size_t *columns = table_zeroed(count + 1, sizeof(*columns));
	CLEANUP_FREE struct profile_value_type *types =
		table_zeroed(count + 1, sizeof(*types));
	CLEANUP_FREE int64_t *row = table_zeroed(count + 1, sizeof(*row));
	bool is_default_kept = false, is_same = count == profile->type_count;
	size_t old_count = profile->type_count;

	for (size_t i = 0; i < count; i++) {
		columns[i] = (size_t)find_column(profile, names[i]);
		types[i] = profile->types[columns[i]];
		is_same &= columns[i] == i;
		is_default_kept |= types[i].type == profile->default_type;
	}
	if (is_same)
		return;
	if (!is_default_kept)
		profile->default_type = types[0].type;
	for (size_t i = 0; i < profile->sample_count; i++) {
		for (size_t j = 0; j < count; j++)
			row[j] = profile->sample_values[i * old_count + columns[j]];
		memcpy(profile->sample_values + i * count, row, count * sizeof(*row));
	}
	memcpy(profile->types, types, count * sizeof(*types));
	profile->type_count = count;
	// The block has room for at least as many samples as before.
}

static bool keep_common_columns(struct profile **profiles, size_t count,
				struct error *err)
{
	const struct profile *first = profiles[0];
	CLEANUP_FREE struct str *names =
		table_zeroed(first->type_count + 1, sizeof(*names));
	size_t common = 0;

	for (size_t i = 0; i < first->type_count; i++) {
		struct str name = type_name(first, i);

		if (all_have(profiles, count, name))
			names[common++] = name;
	}
	if (common == 0)
		return error_set(err, ERROR_FORMAT,
				 "profiles have empty common sample type list");
	for (size_t i = 0; i < count; i++)
		select_columns(profiles[i], names, common);
	return true;
}

static struct str without_plural(struct str name)
{
	return str_ends_with(name, STR("s")) ? str_slice(name, 0, name.n - 1) : name;
}

// The finer of two units of one type; false where they cannot be converted.
static bool choose_unit(struct str type, struct str *finest, struct str other_type,
			struct str unit, struct error *err)
{
	if (!str_equal(without_plural(type), without_plural(other_type)) ||
	    !unit_is_compatible(*finest, unit))
		return error_set(err, ERROR_FORMAT,
				 "incompatible types: {%.*s %.*s} {%.*s %.*s}",
				 (int)type.n, type.p, (int)finest->n, finest->p,
				 (int)other_type.n, other_type.p, (int)unit.n, unit.p);
	if (unit_ratio(unit, *finest) < 1)
		*finest = unit;
	return true;
}

static bool align_periods(struct profile **profiles, size_t count, struct error *err)
{
	const struct profile *first = profiles[0];
	struct str type = profile_string(first, first->period_type.type);
	struct str finest = profile_string(first, first->period_type.unit);

	for (size_t i = 1; i < count; i++) {
		const struct profile *profile = profiles[i];

		if (!choose_unit(type, &finest,
				 profile_string(profile, profile->period_type.type),
				 profile_string(profile, profile->period_type.unit), err))
			return error_wrap(err, "period type");
	}
	for (size_t i = 0; i < count; i++) {
		struct profile *profile = profiles[i];
		struct str unit = profile_string(profile, profile->period_type.unit);

		profile->period =
			(int64_t)unit_scale(profile->period, unit, finest).value;
		profile->period_type.unit = profile_intern(profile, finest);
	}
	return true;
}

static void scale_column(struct profile *profile, size_t column, struct str unit,
			 double *ratio)
{
	*ratio = unit_ratio(type_unit(profile, column), unit);
	profile->types[column].unit = profile_intern(profile, unit);
}

static bool align_units(struct profile **profiles, size_t count, struct error *err)
{
	size_t types = profiles[0]->type_count;
	CLEANUP_FREE double *ratios = table_zeroed(types * count, sizeof(*ratios));

	for (size_t i = 0; i < types; i++) {
		struct str type = type_name(profiles[0], i);
		struct str finest = type_unit(profiles[0], i);

		for (size_t j = 1; j < count; j++) {
			if (!choose_unit(type, &finest, type_name(profiles[j], i),
					 type_unit(profiles[j], i), err))
				return error_wrap(err, "sample types");
		}
		for (size_t j = 0; j < count; j++)
			scale_column(profiles[j], i, finest, &ratios[j * types + i]);
	}
	for (size_t j = 0; j < count; j++)
		scale_columns(profiles[j], ratios + j * types);
	return true;
}

bool merge_types_align(struct profile **profiles, size_t count, struct error *err)
{
	return keep_common_columns(profiles, count, err) &&
	       (count == 1 || (align_periods(profiles, count, err) &&
			       align_units(profiles, count, err)));
}

static bool is_same_type(const struct profile *a, struct profile_value_type type_a,
			 const struct profile *b, struct profile_value_type type_b)
{
	return str_equal(profile_string(a, type_a.type),
			 profile_string(b, type_b.type)) &&
	       str_equal(profile_string(a, type_a.unit), profile_string(b, type_b.unit));
}

static bool refuse(const char *what, const struct profile *a,
		   struct profile_value_type type_a, const struct profile *b,
		   struct profile_value_type type_b, struct error *err)
{
	struct str words[4] = {
		profile_string(a, type_a.type),
		profile_string(a, type_a.unit),
		profile_string(b, type_b.type),
		profile_string(b, type_b.unit),
	};

	return error_set(err, ERROR_FORMAT,
			 "incompatible %s types {%.*s %.*s} and {%.*s %.*s}", what,
			 (int)words[0].n, words[0].p, (int)words[1].n, words[1].p,
			 (int)words[2].n, words[2].p, (int)words[3].n, words[3].p);
}

bool merge_types_check(const struct profile *a, const struct profile *b,
		       struct error *err)
{
	if (!is_same_type(a, a->period_type, b, b->period_type))
		return refuse("period", a, a->period_type, b, b->period_type, err);
	if (a->type_count != b->type_count)
		return error_set(err, ERROR_FORMAT,
				 "incompatible sample types: %zu of them and %zu",
				 a->type_count, b->type_count);
	for (size_t i = 0; i < a->type_count; i++) {
		if (!is_same_type(a, a->types[i], b, b->types[i]))
			return refuse("sample", a, a->types[i], b, b->types[i], err);
	}
	return true;
}
