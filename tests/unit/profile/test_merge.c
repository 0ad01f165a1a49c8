// Merging, scaling, differences, and labels set on all samples.
#include "base/cleanup.h"
#include "base/error.h"
#include "profile/label_edit.h"
#include "profile/label_frames.h"
#include "profile/merge.h"
#include "profile/profile.h"
#include "profile/scale.h"
#include "sketch.h"
#include "test.h"

static void check_text(const struct profile *profile, const char *expected)
{
	CLEANUP_ARENA struct arena arena = { 0 };

	CHECK_STR(sketch_text(profile, &arena), expected);
}

static struct profile *merge(struct profile *a, struct profile *b)
{
	struct profile *sources[2] = { a, b }, *out = NULL;
	struct error err;

	if (!merge_take(sources, 2, &out, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return out;
}

TEST(merge_adds_equal_samples)
{
	struct profile *out = merge(sketch_make("m;a 1 k=v n:5\nm;b 2\nm;b 3\nm;z 0\n"),
				    sketch_make("m;b 4\nm;a 8 n:5 k=v\nm;c 16\n"));

	check_text(out, "m;a 9 k=v n:5\nm;b 9\nm;c 16\n");
	CHECK_INT(out->function_count, 4);
	CHECK_INT(out->location_count, 4);
	CHECK_INT(out->mapping_count, 1);
	profile_destroy(out);
}

TEST(merge_drops_what_cancels_out)
{
	struct profile *out =
		merge(sketch_make("m;a 1\nm;b 2\n"), sketch_make("m;a -1\n"));

	check_text(out, "m;b 2\n");
	CHECK_INT(out->location_count, 2);
	profile_destroy(out);
}

TEST(merge_converts_to_the_finest_unit)
{
	struct profile *a = sketch_make("m 3\n"), *b = sketch_make("m 2\n"), *out;

	b->types[0].unit = b->period_type.unit = profile_intern(b, STR("ms"));
	a->period = 10;
	b->period = 1;
	out = merge(a, b);
	check_text(out, "m 2000003\n");
	CHECK_STR(profile_string(out, out->types[0].unit), "nanoseconds");
	CHECK_INT(out->period, 1000000);
	profile_destroy(out);
}

TEST(merge_knows_a_mapping_loaded_elsewhere)
{
	struct profile *a = sketch_make("m 1\n"), *b = sketch_make("m 2\n"), *out;

	b->mappings[0].start += 0x1000;
	b->mappings[0].limit += 0x1800;
	a->mappings[0].limit += 0x600;
	for (size_t i = 0; i < b->location_count; i++)
		b->locations[i].address += 0x1000;
	out = merge(a, b);
	check_text(out, "m 3\n");
	CHECK_INT(out->mapping_count, 1);
	profile_destroy(out);
}

TEST(merge_refuses_what_has_nothing_in_common)
{
	struct profile *sources[2] = { sketch_make("m 1\n"), sketch_make("m 1\n") };
	struct profile *out = NULL;
	struct error err;

	sources[1]->types[0].type = profile_intern(sources[1], STR("space"));
	CHECK(!merge_take(sources, 2, &out, &err));
	CHECK_STR(str_from(err.text), "profiles have empty common sample type list");
	sources[0] = sketch_make("m 1\n");
	sources[1] = sketch_make("m 1\n");
	sources[1]->types[0].unit = profile_intern(sources[1], STR("bytes"));
	CHECK(!merge_take(sources, 2, &out, &err));
	CHECK(strstr(err.text, "incompatible types") != NULL);
}

TEST(merge_base_subtracts)
{
	struct profile *profile = sketch_make("m;a 10\nm;b 5\n");
	struct error err;

	CHECK(merge_base_take(&profile, sketch_make("m;a 4\nm;c 1\n"),
			      &(struct merge_base_options){ 0 }, &err));
	check_text(profile, "m;a 6\nm;b 5\nm;c -1\n");
	profile_destroy(profile);
}

TEST(merge_diff_base_is_labelled_and_normalized)
{
	struct profile *profile = sketch_make("m;a 10\nm;b 5\n");
	struct error err;

	CHECK(merge_base_take(&profile, sketch_make("m;a 30\n"),
			      &(struct merge_base_options){ .is_diff = true,
							    .normalize = true },
			      &err));
	check_text(profile, "m;a 20\nm;b 10\nm;a -30 pprof::base=true\n");
	label_edit_remove(profile, STR("pprof::base"));
	check_text(profile, "m;a 20\nm;b 10\nm;a -30\n");
	profile_destroy(profile);
}

TEST(scale_rounds_half_away_and_drops_zeros)
{
	struct profile *profile = sketch_make("m;a 1\nm;b -3\nm;c 0\nm;d 4\n");

	scale_all(profile, 0.5);
	check_text(profile, "m;a 1\nm;b -2\nm;d 2\n");
	scale_all(profile, 1);
	scale_all(profile, 0.2);
	check_text(profile, "");
	profile_destroy(profile);
}

TEST(label_frames_wrap_stacks)
{
	struct profile *profile = sketch_make("m;a 1 k=x k=y n:7\nm;a 2\n");
	struct label_frames_options options = { .root = STR("k,,n"),
						.leaf = STR("k"),
						.unit = STR("minimum") };
	struct label_frames_matched matched = label_frames_add(profile, &options);

	CHECK(matched.root && matched.leaf);
	check_text(profile, "x,y;7;m;a;x,y 1 k=x k=y n:7\n;;m;a; 2\n");
	CHECK_INT(profile->stacks.count, 2);
	options.root = STR("none");
	options.leaf = STR("");
	CHECK(!label_frames_add(profile, &options).root);
	profile_destroy(profile);
}
