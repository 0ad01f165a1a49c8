// profile.proto from hand-made bytes, everything malformed, and round trips.
#include "base/cleanup.h"
#include "base/error.h"
#include "base/inflate.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/proto.h"
#include "test.h"

// A string literal with its NULs; the compiler's own NUL is left out.
#define BYTES(literal) ((struct str){ literal, sizeof(literal) - 1 })

// "", "cpu", "ns", "f", "k", "v" as strings 0 to 5, and one sample type cpu/ns.
#define STRINGS                 \
	"\x32\0\x32\x03"        \
	"cpu\x32\x02ns\x32\x01" \
	"f\x32\x01k\x32\x01v"
#define TYPE       "\x0a\x04\x08\1\x10\2"
#define LOCATION_1 "\x22\x02\x08\1"
#define FUNCTION_1 "\x2a\x04\x08\1\x10\3"

static struct profile *decode(struct str bytes)
{
	struct profile *profile = NULL;
	struct error err;

	if (!proto_decode(bytes, &profile, &err))
		test_fail(__FILE__, __LINE__, "decoding failed: %s", err.text);
	return profile;
}

static void check_refused(struct str bytes, const char *words)
{
	struct profile *profile = NULL;
	struct error err = { 0 };

	if (proto_decode(bytes, &profile, &err)) {
		profile_destroy(profile);
		test_fail(__FILE__, __LINE__, "accepted, not refused with \"%s\"", words);
	}
	if (strstr(err.text, words) == NULL)
		test_fail(__FILE__, __LINE__, "\"%s\" lacks \"%s\"", err.text, words);
	CHECK(profile == NULL);
}

TEST(proto_decodes_messages_in_any_order)
{
	// Sample of two locations, its location before and after it, the strings last.
	struct profile *profile = decode(BYTES(
		"\x22\x0a\x08\x07\x18\x40\x22\x04\x08\x09\x10\x0c"
		"\x12\x0f\x0a\x02\x07\x05\x12\x01\x2a\x1a\x04\x08\x04\x10\x05\x28\1" TYPE
		"\x22\x06\x08\x05\x10\x03\x28\x01"
		"\x2a\x04\x08\x09\x10\3"
		"\x1a\x09\x08\x03\x10\x40\x18\x80\x01\x38\1" STRINGS));
	struct profile_stack_view stack = profile_stack(profile, 0);
	struct profile_labels_view set =
		profile_labels(profile, profile->sample_labels[0]);

	CHECK_INT(profile->sample_count, 1);
	CHECK_INT(profile_values(profile, 0)[0], 42);
	CHECK_INT(stack.count, 2);
	CHECK_INT(stack.locations[0], 0);
	CHECK_INT(stack.locations[1], 1);
	CHECK_INT(profile->locations[0].id, 7);
	CHECK_INT(profile->locations[0].address, 0x40);
	CHECK_INT(profile->locations[0].mapping, PROFILE_NONE);
	CHECK_INT(profile->locations[1].mapping, 0);
	CHECK(profile->locations[1].is_folded);
	CHECK_INT(profile->lines[0].line, 12);
	CHECK_STR(profile_string(profile, profile->functions[0].name), "f");
	CHECK(profile->mappings[0].has_functions);
	CHECK_INT(profile->mappings[0].limit, 128);
	CHECK_INT(set.count, 1);
	CHECK_STR(profile_string(profile, set.labels[0].key), "k");
	CHECK_STR(profile_string(profile, set.labels[0].string), "v");
	profile_destroy(profile);
}

TEST(proto_folds_equal_stacks_and_labels)
{
	// Packed and one by one, twice the same stack and labels.
	struct profile *profile =
		decode(BYTES(TYPE "\x12\x0b\x0a\x01\x01\x10\x07\x1a\x04\x08\x04\x18\x09"
				  "\x12\x0a\x08\x01\x10\x08\x1a\x04\x08\x04\x18\x09"
				  "\x12\x04\x08\x01\x10\x05" LOCATION_1 STRINGS));

	CHECK_INT(profile->sample_count, 3);
	CHECK_INT(profile->stacks.count, 1);
	CHECK_INT(profile->label_sets.count, 2);
	CHECK_INT(profile->sample_labels[0], profile->sample_labels[1]);
	CHECK_INT(profile->sample_labels[2], 0);
	CHECK_INT(profile_values(profile, 1)[0], 8);
	profile_destroy(profile);
}

TEST(proto_accepts_ids_of_any_size)
{
	// Location 2^63 + 5 and location 1000; function id 2^64 - 1.
	struct profile *profile = decode(BYTES(
		TYPE "\x12\x10\x0a\x0c\x85\x80\x80\x80\x80\x80\x80\x80\x80\x01\xe8\x07"
		     "\x10\1\x22\x03\x08\xe8\x07"
		     "\x22\x18\x08\x85\x80\x80\x80\x80\x80\x80\x80\x80\x01\x22\x0b\x08"
		     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
		     "\x2a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" STRINGS));
	struct profile_stack_view stack = profile_stack(profile, 0);

	CHECK_INT(stack.locations[0], 1);
	CHECK_INT(stack.locations[1], 0);
	CHECK_INT(profile->lines[profile->locations[1].first_line].function, 0);
	profile_destroy(profile);
}

TEST(proto_skips_unknown_fields)
{
	// Fields 100 of every wire type that may be, inside a sample too.
	struct profile *profile =
		decode(BYTES("\xa0\x06\x7f\xa1\x06"
			     "12345678\xa2\x06\x02xx\xa5\x06"
			     "1234" TYPE "\x12\x10\xa0\x06\x7f\xa2\x06\x02xx\xa5\x06"
			     "1234\x10\x03" STRINGS));

	CHECK_INT(profile->sample_count, 1);
	CHECK_INT(profile_stack(profile, profile->sample_stacks[0]).count, 0);
	CHECK_INT(profile_values(profile, 0)[0], 3);
	profile_destroy(profile);
}

TEST(proto_merges_duplicate_strings)
{
	// Strings "", "cpu", "ns", "k", "k", "v", "v"; two samples that differ in indices
	// alone.
	struct profile *profile =
		decode(BYTES(TYPE "\x12\x08\x10\x01\x1a\x04\x08\x03\x10\x05"
				  "\x12\x08\x10\x01\x1a\x04\x08\x04\x10\x06"
				  "\x32\0\x32\x03"
				  "cpu\x32\x02ns\x32\x01k\x32\x01k\x32\x01v\x32\x01v"));

	CHECK_INT(profile->strings.count, 5);
	CHECK_INT(profile->label_sets.count, 2);
	CHECK_INT(profile->sample_labels[0], profile->sample_labels[1]);
	CHECK_STR(profile_string(profile, profile_labels(profile, 1).labels[0].string),
		  "v");
	profile_destroy(profile);
}

TEST(proto_drops_labels_that_say_nothing)
{
	struct profile *profile = decode(
		BYTES(TYPE "\x12\x0e\x10\x01\x1a\x02\x08\x04\x1a\x06\x08\x04\x10\x05\x18"
			   "\x09" STRINGS));
	struct profile_labels_view set = profile_labels(profile, 1);

	CHECK_INT(profile->label_sets.count, 2);
	CHECK_INT(set.count, 1);
	CHECK_INT(set.labels[0].number, 0);
	profile_destroy(profile);
}

TEST(proto_takes_a_missing_mapping_for_none)
{
	struct profile *profile = decode(BYTES("\x22\x04\x08\1\x10\x63" STRINGS));

	CHECK_INT(profile->locations[0].mapping, PROFILE_NONE);
	profile_destroy(profile);
}

TEST(proto_refuses_what_is_no_profile)
{
	check_refused(BYTES(""), "empty input file");
	check_refused(BYTES("hello world"), "unrecognized profile format");
	check_refused(BYTES("\x32\x05"
			    "abc"),
		      "unrecognized profile format");
	check_refused(BYTES("\x32\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
		      "byte 2 of");
	check_refused(BYTES(STRINGS "\x13"), "unrecognized profile format");
	check_refused(BYTES(STRINGS "\x10\x01"), "unrecognized profile format");
	check_refused(BYTES(STRINGS "\x4a\x01\x01"), "unrecognized profile format");
	check_refused(BYTES(STRINGS "\x22\x04\x22\x02\x0a\x00"),
		      "unrecognized profile format");
	check_refused(BYTES(STRINGS "\x12\x03\x0a\x01\x80"),
		      "unrecognized profile format");
	check_refused(BYTES(STRINGS "\x12\x02\x18\x01"), "unrecognized profile format");
	check_refused(BYTES(STRINGS "\x6a\x01\x80"), "unrecognized profile format");
}

TEST(proto_refuses_malformed_profiles)
{
	check_refused(BYTES(TYPE), "string table has 0");
	check_refused(BYTES("\x32\x01x" STRINGS), "string_table[0] must be ''");
	check_refused(BYTES("\x0a\x02\x08\x09" STRINGS), "string 9 is referred to");
	check_refused(BYTES(STRINGS "\x70\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
		      "is referred to");
	check_refused(BYTES("\x12\x02\x10\x01" STRINGS),
		      "missing sample type information");
	check_refused(BYTES(TYPE "\x12\x04\x10\x01\x10\x01" STRINGS),
		      "sample has 2 values vs. 1 types");
	check_refused(BYTES(TYPE "\x12\x02\x10\x01\x12\x00" STRINGS),
		      "sample has 0 values vs. 1 types");
	check_refused(BYTES(TYPE "\x12\x04\x10\x01\x08\x02" LOCATION_1 STRINGS),
		      "refers to location 2");
	check_refused(BYTES(TYPE "\x12\x04\x10\x01\x08\x00" LOCATION_1 STRINGS),
		      "refers to location 0");
	check_refused(BYTES(LOCATION_1 LOCATION_1 STRINGS),
		      "multiple locations with same id: 1");
	check_refused(BYTES("\x22\x00" STRINGS), "found location with reserved id=0");
	check_refused(BYTES("\x1a\x02\x08\1\x1a\x02\x08\1" STRINGS),
		      "multiple mappings with same id: 1");
	check_refused(BYTES("\x1a\x00" STRINGS), "found mapping with reserved id=0");
	check_refused(BYTES(FUNCTION_1 FUNCTION_1 STRINGS),
		      "multiple functions with same id: 1");
	check_refused(BYTES("\x2a\x00" STRINGS), "found function with reserved id=0");
	check_refused(BYTES("\x22\x06\x08\x01\x22\x02\x08\x03" STRINGS),
		      "refers to function 3");
	check_refused(BYTES("\x22\x04\x08\x01\x22\x00" STRINGS), "refers to function 0");
	check_refused(BYTES(TYPE "\x12\x08\x10\x01\x1a\x04\x08\x04\x10\x63" STRINGS),
		      "string 99 is referred to");
	check_refused(BYTES(STRINGS "\x48\x05\x48\x05"), "concatenated profiles");
}

TEST(proto_refuses_every_truncation)
{
	struct str whole =
		BYTES(TYPE "\x12\x0f\x0a\x02\x01\x01\x12\x01\x2a\x1a\x04\x08\x04\x10\x05"
			   "\x28\1" LOCATION_1 STRINGS);

	for (size_t cut = 1; cut < whole.n; cut++) {
		struct profile *profile = NULL;
		struct error err;
		// A block of its own, so that a read behind its end is seen.
		CLEANUP_FREE char *bytes = malloc(cut);

		memcpy(bytes, whole.p, cut);
		if (!proto_decode((struct str){ bytes, cut }, &profile, &err))
			continue;
		// Cut between fields: strings may be missing where nothing needs them.
		profile_destroy(profile);
		CHECK(cut > whole.n - 10);
	}
}

static struct profile *make_profile(void)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	uint32_t stack[40];
	struct profile_label labels[2] = {
		{ .key = profile_intern(profile, STR("bytes")),
		  .number = -4096,
		  .unit = profile_intern(profile, STR("bytes")) },
		{ .key = profile_intern(profile, STR("request")) },
	};

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("samples"), STR("count"));
	profile_builder_add_type(&builder, STR("cpu"), STR("nanoseconds"));
	profile_builder_add_mapping(
		&builder,
		(struct profile_mapping){ .start = 0x400000,
					  .limit = UINT64_MAX,
					  .file = profile_intern(profile, STR("/bin/x")),
					  .has_inline_frames = true });
	for (uint32_t i = 0; i < 300; i++) {
		struct profile_line lines[2] = { { i, i, 1 }, { 0, -1, 0 } };
		uint32_t location = profile_builder_location(
			&builder, i % 3 == 0 ? PROFILE_NONE : 0, 0x400000 + i * 977);
		char name[16];

		snprintf(name, sizeof(name), "f%u", i);
		profile_builder_add_function(
			&builder, (struct profile_function){
					  .name = profile_intern(profile, str_from(name)),
					  .start_line = i });
		profile_builder_set_lines(&builder, location, lines, i % 3);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		for (uint32_t depth = 0; depth < 40; depth++)
			stack[depth] = (i * 31 + depth * depth) % 300;
		labels[1].string = profile_intern(profile, STR("r"));
		labels[0].number = i % 7 + 1;
		profile_builder_append(&builder,
				       profile_builder_stack(&builder, stack, i % 41),
				       profile_builder_labels(&builder, labels, i % 3),
				       (int64_t[]){ 1, (int64_t)i << 40 });
	}
	profile_builder_deinit(&builder);
	profile->period = 10000000;
	profile->period_type = profile->types[1];
	profile->time_ns = 1234567890123456789;
	profile->duration_ns = -1;
	profile->default_type = profile->types[0].type;
	profile->drop_frames = profile_intern(profile, STR("malloc|free"));
	for (int i = 0; i < 4; i++)
		profile_add_comment(profile, STR("a comment"));
	return profile;
}

TEST(proto_round_trip_is_the_identity)
{
	struct profile *profile = make_profile(), *again;
	struct writer first = writer_to_memory(), second = writer_to_memory();

	proto_encode(profile, &first);
	again = decode(writer_contents(&first));
	proto_encode(again, &second);
	CHECK(str_equal(writer_contents(&first), writer_contents(&second)));
	CHECK_INT(again->sample_count, profile->sample_count);
	CHECK_INT(again->stacks.count, profile->stacks.count);
	CHECK_INT(again->label_sets.count, profile->label_sets.count);
	CHECK_INT(again->line_count, profile->line_count);
	CHECK_INT(again->duration_ns, -1);
	CHECK_INT(again->comment_count, 4);
	CHECK_INT(again->mappings[0].limit, UINT64_MAX);
	CHECK_STR(profile_string(again, again->drop_frames), "malloc|free");
	for (size_t i = 0; i < profile->sample_count; i++) {
		struct profile_stack_view a =
			profile_stack(profile, profile->sample_stacks[i]);
		struct profile_stack_view b =
			profile_stack(again, again->sample_stacks[i]);

		CHECK_INT(a.count, b.count);
		CHECK(memcmp(a.locations, b.locations, a.count * sizeof(uint32_t)) == 0);
		CHECK_INT(profile_values(profile, i)[1], profile_values(again, i)[1]);
	}
	writer_deinit(&first);
	writer_deinit(&second);
	profile_destroy(profile);
	profile_destroy(again);
}

TEST(proto_reads_what_it_gzips)
{
	struct profile *profile = make_profile(), *again;
	struct writer w = writer_to_memory();

	proto_encode_gzip(profile, &w);
	CHECK(inflate_is_gzip(writer_contents(&w)));
	CHECK(proto_is_likely(writer_contents(&w)));
	again = decode(writer_contents(&w));
	CHECK_INT(again->sample_count, profile->sample_count);
	writer_deinit(&w);
	profile_destroy(profile);
	profile_destroy(again);
}

TEST(proto_is_likely_looks_at_the_first_field)
{
	CHECK(proto_is_likely(BYTES(TYPE)));
	CHECK(!proto_is_likely(BYTES("heap profile: 1: 2")));
	CHECK(!proto_is_likely(BYTES("")));
	CHECK(!proto_is_likely(BYTES("\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0")));
}
