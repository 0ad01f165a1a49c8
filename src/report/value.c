// The rules of pprof's sample_index.
#include "report/value.h"

#include "base/error.h"
#include "base/writer.h"
#include "profile/profile.h"

// The first column of that name; false where there is none.
static bool column_named(const struct profile *profile, struct str name, size_t *out)
{
	for (size_t i = 0; i < profile->type_count; i++) {
		if (str_equal(profile_string(profile, profile->types[i].type), name)) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool no_such_column(const struct profile *profile, struct str wanted,
			   struct error *err)
{
	struct writer names = writer_to_memory();
	struct str list;

	for (size_t i = 0; i < profile->type_count; i++) {
		if (i > 0)
			writer_char(&names, ' ');
		writer_str(&names, profile_string(profile, profile->types[i].type));
	}
	list = writer_contents(&names);
	error_set(err, ERROR_USAGE, "sample_index \"%.*s\" must be one of: [%.*s]",
		  (int)wanted.n, wanted.p, (int)list.n, list.p);
	writer_deinit(&names);
	return false;
}

bool value_column(const struct profile *profile, struct str sample_index, size_t *out,
		  struct error *err)
{
	struct str prefix = STR("inuse_");
	int64_t index;

	if (profile->type_count == 0)
		return error_set(err, ERROR_FORMAT,
				 "the profile has no sample types, so nothing to show");
	if (sample_index.n == 0) {
		struct str name = profile_string(profile, profile->default_type);

		if (name.n == 0 || !column_named(profile, name, out))
			*out = profile->type_count - 1;
		return true;
	}
	if (str_to_i64(sample_index, 10, &index)) {
		if (index < 0 || (uint64_t)index >= profile->type_count)
			return error_set(
				err, ERROR_USAGE,
				"sample_index %.*s is outside the range [0..%zu]",
				(int)sample_index.n, sample_index.p,
				profile->type_count - 1);
		*out = (size_t)index;
		return true;
	}
	if (column_named(profile, sample_index, out))
		return true;
	if (str_starts_with(sample_index, prefix) &&
	    column_named(profile, str_after(sample_index, prefix.n), out))
		return true;
	return no_such_column(profile, sample_index, err);
}
