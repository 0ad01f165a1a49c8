// The text and binary formats before profile.proto, as input_decode recognises them.
#include "base/error.h"
#include "profile/input.h"
#include "profile/profile.h"
#include "test.h"

static struct profile *decode(struct str bytes)
{
	struct profile *profile = NULL;
	struct error err;

	if (!input_decode(bytes, &profile, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return profile;
}

static const struct profile_location *frame(const struct profile *profile, size_t sample,
					    size_t depth)
{
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[sample]);

	CHECK(depth < stack.count);
	return &profile->locations[stack.locations[depth]];
}

static struct str name(const struct profile *profile, size_t sample, size_t depth)
{
	const struct profile_location *location = frame(profile, sample, depth);
	const struct profile_line *line = &profile->lines[location->first_line];

	if (location->line_count == 0)
		return STR("");
	return profile_string(profile, profile->functions[line->function].name);
}

static size_t depth(const struct profile *profile, size_t sample)
{
	return profile_stack(profile, profile->sample_stacks[sample]).count;
}

static struct str type(const struct profile *profile, size_t i)
{
	return profile_string(profile, profile->types[i].type);
}

TEST(count_input_keeps_names_and_labels)
{
	struct profile *profile =
		decode(STR("goroutine profile: total 3\n"
			   "2 @ 0x11 0x21 0x31 0x31 0x41\n"
			   "# labels: {\"k\":\"v\", \"q\\\"\":\"\\u00fc\\n\"}\n"
			   "#\t0x20\tmain.f[...]+0x8\t/src/a.go:7\n"
			   "#\t0x20\tmain.g+0x8\t\t/src/a.go:9\n"
			   "#\t0x30\tmain.h+0x1\t/src/a.go:1\n"
			   "#\t0x30\tmain.h+0x1\t/src/a.go:1\n"
			   "\n"
			   "1 @ 0x11 0x51\n"));
	const struct profile_location *inlined = frame(profile, 0, 1);
	struct profile_labels_view labels =
		profile_labels(profile, profile->sample_labels[0]);

	CHECK_INT(profile->sample_count, 2);
	CHECK_STR(type(profile, 0), "goroutine");
	CHECK_INT(profile_values(profile, 0)[0], 2);
	CHECK_INT(inlined->address, 0x20);
	CHECK_INT(inlined->line_count, 2);
	CHECK_INT(profile->lines[inlined->first_line].line, 7);
	CHECK_STR(name(profile, 0, 0), "runtime.(hidden)");
	CHECK_STR(name(profile, 0, 1), "main.f[...]");
	CHECK_INT(frame(profile, 0, 2)->line_count, 1);
	CHECK_STR(name(profile, 0, 4), "runtime.goexit");
	CHECK_STR(name(profile, 1, 1), "");
	CHECK_INT(labels.count, 2);
	CHECK_STR(profile_string(profile, labels.labels[1].key), "q\"");
	CHECK_STR(profile_string(profile, labels.labels[1].string), "\xc3\xbc\n");
	CHECK_INT(profile_labels(profile, profile->sample_labels[1]).count, 0);
	profile_destroy(profile);
}

TEST(heap_input_estimates_what_was_allocated)
{
	struct profile *profile =
		decode(STR("heap profile: 1: 1024 [3: 3072] @ heap/1048576\n"
			   "1: 1024 [3: 3072] @ 0x11 0x21\n"
			   "0: 0 [1: 524288] @ 0x11\n"));
	struct profile_labels_view labels =
		profile_labels(profile, profile->sample_labels[0]);

	CHECK_INT(profile->type_count, 4);
	CHECK_STR(type(profile, 3), "inuse_space");
	CHECK_INT(profile->period, 524288);
	CHECK_INT(profile_values(profile, 0)[0], 1537);
	CHECK_INT(profile_values(profile, 0)[2], 512);
	CHECK_INT(profile_values(profile, 0)[3], 524800);
	CHECK_INT(profile_values(profile, 1)[1], 829411);
	CHECK_INT(labels.labels[0].number, 1024);
	CHECK(str_find(profile_string(profile, profile->drop_frames), STR("malloc")) !=
	      STR_NOT_FOUND);
	profile_destroy(profile);
}

TEST(heap_input_reads_gperftools_and_their_kin)
{
	struct profile *profile = decode(
		STR("heap profile:    2:   200 [   2:   200] @ heapprofile\n"
		    "     2:      200 [     2:      200] @ 0x401001 0x7f0000000001\n"
		    "\nMAPPED_LIBRARIES:\n"
		    "7f0000000000-7f0000001000 r-xp 00000000 08:01 1  /lib/libc.so.6\n"
		    "00400000-00402000 r-xp 00000000 08:01 2   /bin/prog\n"
		    "00402000-00403000 rw-p 00002000 08:01 2   /bin/prog\n"));

	CHECK_INT(profile->type_count, 2);
	CHECK_INT(profile_values(profile, 0)[1], 200);
	CHECK_INT(profile->mapping_count, 2);
	CHECK_STR(profile_string(profile, profile->mappings[0].file), "/bin/prog");
	CHECK_INT(frame(profile, 0, 0)->mapping, 0);
	CHECK_INT(frame(profile, 0, 1)->mapping, 1);
	profile_destroy(profile);
	profile =
		decode(STR("heap profile: 1: 2 [ 1: 2] @ growthz\n1: 2 [1: 2] @ 0x1\n"));
	CHECK_INT(profile_values(profile, 0)[1], 2);
	profile_destroy(profile);
}

TEST(heap_input_reads_jemalloc)
{
	struct profile *profile =
		decode(STR("heap_v2/1\n  t*: 3: 30 [0: 0]\n  t0: 3: 30 [0: 0]\n"
			   "@ 0x11 0x21\n  t*: 1: 10 [0: 0]\n  t0: 1: 10 [0: 0]\n"
			   "@ 0x11\n  t*: 2: 20 [0: 0]\n"
			   "\nMAPPED_LIBRARIES:\n00-ff r-xp 0 0:0 0 /bin/p\n"));

	CHECK_INT(profile->sample_count, 2);
	CHECK_INT(profile_values(profile, 1)[1], 20);
	CHECK_INT(depth(profile, 0), 2);
	CHECK_INT(frame(profile, 0, 0)->address, 0x10);
	profile_destroy(profile);
}

TEST(heap_input_survives_the_division_without_result)
{
	struct profile *profile = decode(STR("heap profile: 1: 2 [1: 2] @ heap_v2/512\n"
					     "-1: -9223372036854775808 [1: 1] @ 0x1\n"));

	CHECK_INT(profile->sample_count, 1);
	profile_destroy(profile);
}

TEST(contention_input_converts_cycles)
{
	struct profile *profile =
		decode(STR("--- mutex:\ncycles/second=2000000000\nsampling period=5\n"
			   "400 7 @ 0x11 0x21\n#\t0x10\tsync.Unlock+0x1\t/a.go:3\n"));

	CHECK_STR(type(profile, 0), "contentions");
	CHECK_INT(profile_values(profile, 0)[0], 35);
	CHECK_INT(profile_values(profile, 0)[1], 1000);
	CHECK_INT(profile->period, 5);
	CHECK_STR(name(profile, 0, 0), "sync.Unlock");
	profile_destroy(profile);
}

TEST(thread_input_counts_equal_threads)
{
	struct profile *profile = decode(
		STR("--- threadz 1 ---\n\n"
		    "--- Thread 7ff (name: main/14748) stack: ---\n"
		    "  PC: 0x11 0x11: f\n 0x21: main\n"
		    "--- Thread 800 (name: a/1) stack: ---\n  [same as previous thread]\n"
		    "--- Memory map: ---\n  00000000-000000ff: p (@5) abc\n"));

	CHECK_INT(profile->sample_count, 1);
	CHECK_INT(profile_values(profile, 0)[0], 2);
	CHECK_INT(depth(profile, 0), 2);
	CHECK_INT(frame(profile, 0, 1)->address, 0x20);
	CHECK_INT(profile->mappings[0].offset, 5);
	CHECK_STR(profile_string(profile, profile->mappings[0].build_id), "abc");
	profile_destroy(profile);
}

TEST(java_input_names_its_numbers)
{
	struct profile *profile =
		decode(STR("--- contentionz 1 ---\nformat = java\n"
			   "resolution = microseconds\nsampling period = 100\n"
			   "   14 1 @ 0x3 0x4\n\n"
			   "  0x3 com.a.B.c (B.java:17)\n  0x4 GC\n"));

	CHECK_INT(profile_values(profile, 0)[0], 100);
	CHECK_INT(profile_values(profile, 0)[1], 1400);
	CHECK_STR(name(profile, 0, 0), "com.a.B.c");
	CHECK_STR(name(profile, 0, 1), "GC");
	CHECK_INT(profile->lines[frame(profile, 0, 0)->first_line].line, 17);
	CHECK_INT(frame(profile, 0, 0)->address, 0);
	profile_destroy(profile);
}

// Words in one of the layouts, most significant byte first or last.
static struct str words_to_bytes(uint8_t *out, size_t word_size, bool is_big_endian,
				 const uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < word_size; k++) {
			size_t at = is_big_endian ? word_size - 1 - k : k;

			out[i * word_size + at] = (uint8_t)(words[i] >> (8 * k));
		}
	}
	return (struct str){ (const char *)out, count * word_size };
}

TEST(cpu_input_reads_every_word_layout)
{
	// Beneath the leaf lies the signal's frame, then the leaf once more.
	static const uint64_t words[] = {
		0, 3, 0, 1000, 0, 2, 4, 0x10, 0x99, 0x10, 0x21, 1, 2, 0x30, 0x99, 0, 1, 0,
	};

	for (int i = 0; i < 4; i++) {
		uint8_t bytes[sizeof(words)];
		struct profile *profile =
			decode(words_to_bytes(bytes, i < 2 ? 4 : 8, i % 2 == 1, words,
					      sizeof(words) / sizeof(words[0])));

		CHECK_INT(profile->sample_count, 2);
		CHECK_INT(profile->period, 1000000);
		CHECK_INT(profile_values(profile, 0)[1], 2000000);
		CHECK_INT(depth(profile, 0), 2);
		CHECK_INT(frame(profile, 0, 0)->address, 0x10);
		CHECK_INT(frame(profile, 0, 1)->address, 0x20);
		CHECK_INT(depth(profile, 1), 1);
		profile_destroy(profile);
	}
}

TEST(cpu_input_refuses_a_cut_record)
{
	static const uint64_t words[] = { 0, 3, 0, 1000, 0, 2, 4, 0x10 };
	uint8_t bytes[sizeof(words)];
	struct profile *profile;
	struct error err;

	CHECK(!input_decode(words_to_bytes(bytes, 8, false, words, 8), &profile, &err));
	CHECK(err.code == ERROR_FORMAT);
}

TEST(legacy_maps_expand_what_was_defined)
{
	struct profile *profile = decode(
		STR("heap profile: 1: 2 [1: 2] @ heapprofile\n1: 2 [1: 2] @ 0x1001\n"
		    "MAPPED_LIBRARIES:\nbuild=/opt/x\n"
		    "a.cc:12] 1000-2000: $build/prog\n"
		    "a.cc:12] 2000-3000: $build/prog\nnonsense\n"));

	CHECK_INT(profile->mapping_count, 1);
	CHECK_INT(profile->mappings[0].limit, 0x3000);
	CHECK_STR(profile_string(profile, profile->mappings[0].file), "/opt/x/prog");
	profile_destroy(profile);
}

TEST(legacy_rows_say_where_they_are_bad)
{
	struct profile *profile;
	struct error err;

	CHECK(!input_decode(STR("goroutine profile: total 1\n1 @ 0x1\nx @ 0x1\n"),
			    &profile, &err));
	CHECK(str_find(str_from(err.text), STR("line 3")) != STR_NOT_FOUND);
}
