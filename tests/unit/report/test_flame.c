// The merged call tree and the files made from it.
#include "report/flame.h"

#include "base/error.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "report/folded.h"
#include "report/options.h"
#include "report/speedscope.h"
#include "test.h"

// A profile written down as words: each call of `sample` names a stack from the root.
struct sketch {
	struct profile *profile;
	struct profile_builder builder;
	uint64_t next_address;
};

static struct sketch sketch_begin(void)
{
	struct sketch sketch = { .profile = profile_create(), .next_address = 0x1000 };

	profile_builder_init(&sketch.builder, sketch.profile);
	profile_builder_add_type(&sketch.builder, STR("samples"), STR("count"));
	profile_builder_add_type(&sketch.builder, STR("cpu"), STR("nanoseconds"));
	return sketch;
}

static void sketch_end(struct sketch *sketch)
{
	profile_builder_deinit(&sketch->builder);
	profile_destroy(sketch->profile);
}

static uint32_t function_named(struct sketch *sketch, struct str name)
{
	struct profile *profile = sketch->profile;
	uint32_t id = profile_intern(profile, name);

	for (uint32_t i = 0; i < profile->function_count; i++) {
		if (profile->functions[i].name == id)
			return i;
	}
	return profile_builder_add_function(
		&sketch->builder,
		(struct profile_function){
			.name = id, .filename = profile_intern(profile, STR("a.c")) });
}

// "main>work+copy": main calls work, into which copy is inlined.
static uint32_t location_named(struct sketch *sketch, struct str names)
{
	struct profile_line lines[8];
	size_t count = 0;
	struct str name;
	uint32_t row = profile_builder_location(&sketch->builder, PROFILE_NONE,
						sketch->next_address++);

	while (count < 8 && str_cut(&names, '+', &name)) {
		lines[7 - count].function = function_named(sketch, name);
		lines[7 - count].line = 10 + (int64_t)count;
		lines[7 - count].column = 0;
		count++;
	}
	if (lines[7].function != function_named(sketch, STR("?")))
		profile_builder_set_lines(&sketch->builder, row, lines + 8 - count,
					  count);
	return row;
}

static void sample(struct sketch *sketch, const char *stack, int64_t count)
{
	struct str rest = str_from(stack), names;
	uint32_t locations[64];
	size_t used = 0;

	while (used < 64 && str_cut(&rest, '>', &names))
		locations[63 - used++] = location_named(sketch, names);
	profile_builder_append(&sketch->builder,
			       profile_builder_stack(&sketch->builder,
						     locations + 64 - used, used),
			       0, (int64_t[]){ count, count * 10000000 });
}

static uint32_t child(const struct flame *flame, uint32_t parent, const char *name)
{
	for (uint32_t i = 1; i < flame->node_count; i++) {
		if (flame->nodes[i].parent == parent &&
		    flame->nodes[i].frame != FLAME_HEAP &&
		    str_equal(flame_frame_of(flame, i)->name, str_from(name)))
			return i;
	}
	CHECK(false);
	return 0;
}

static void flame_of(struct flame *flame, const struct sketch *sketch,
		     struct flame_shape shape)
{
	struct report_options options = report_options_default();
	struct error err;

	shape.has_all_types = true;
	CHECK(flame_init(flame, sketch->profile, &options, &shape, &err));
}

TEST(flame_merges_from_the_root)
{
	struct sketch sketch = sketch_begin();
	struct flame flame;

	sample(&sketch, "main>c>b", 1);
	sample(&sketch, "main>a>b", 3);
	sample(&sketch, "main>a", 2);
	sample(&sketch, "main>a", 2);
	flame_of(&flame, &sketch, (struct flame_shape){ .order = FLAME_BY_VALUE });
	CHECK_INT(flame.type, 1);
	CHECK_INT(flame.node_count, 6);
	CHECK_INT(flame.weights[0], 8);
	CHECK_INT(flame.times[1], 10000000);

	uint32_t top = child(&flame, 0, "main"), a = child(&flame, top, "a");

	CHECK_INT(a, 2);
	CHECK_INT(child(&flame, top, "c"), 4);
	CHECK_INT(flame_self(&flame, a)[0], 4);
	CHECK_INT(flame_self(&flame, a)[1], 40000000);
	CHECK_INT(flame_self(&flame, child(&flame, a, "b"))[0], 3);
	CHECK_INT(flame_frame_of(&flame, a)->first_line, 10);
	flame_deinit(&flame);
	sketch_end(&sketch);
}

TEST(flame_heaps_what_is_too_small)
{
	struct sketch sketch = sketch_begin();
	struct flame flame;

	sample(&sketch, "main>small>b", 1);
	sample(&sketch, "main>large>b", 97);
	sample(&sketch, "main>tiny", 1);
	sample(&sketch, "main>tiny>c", 1);
	flame_of(&flame, &sketch,
		 (struct flame_shape){
			 .order = FLAME_BY_VALUE, .share = 20, .has_sums = true });
	CHECK_INT(flame.node_count, 5);
	CHECK_INT(flame.nodes[4].frame, FLAME_HEAP);
	CHECK_INT(flame.nodes[4].heaped, 2);
	CHECK_INT(flame.nodes[4].parent, child(&flame, 0, "main"));
	CHECK_INT(flame_self(&flame, 4)[0], 3);
	for (size_t i = 0; i < flame.frame_count; i++) {
		if (str_equal(flame.frames[i].name, STR("b")))
			CHECK_INT(flame.flat[i * 2], 98);
	}
	flame_deinit(&flame);
	sketch_end(&sketch);
}

TEST(flame_marks_inlined_frames)
{
	struct sketch sketch = sketch_begin();
	struct flame flame;

	sample(&sketch, "main>work+copy", 1);
	sample(&sketch, "main>work>copy", 1);
	sample(&sketch, "main>work+once", 1);
	flame_of(&flame, &sketch, (struct flame_shape){ 0 });

	uint32_t work = child(&flame, child(&flame, 0, "main"), "work");

	CHECK_INT(flame.nodes[work].inlining, FLAME_CALLED);
	CHECK_INT(flame.nodes[child(&flame, work, "copy")].inlining,
		  FLAME_PARTLY_INLINED);
	CHECK_INT(flame.nodes[child(&flame, work, "once")].inlining, FLAME_INLINED);
	flame_deinit(&flame);
	sketch_end(&sketch);
}

TEST(flame_counts_recursion_once)
{
	struct sketch sketch = sketch_begin();
	struct flame flame;

	sample(&sketch, "main>f>f>f", 4);
	sample(&sketch, "main>g>f", 1);
	flame_of(&flame, &sketch, (struct flame_shape){ .has_sums = true });
	CHECK_INT(flame.frame_count, 3);
	for (size_t i = 0; i < flame.frame_count; i++) {
		bool is_f = str_equal(flame.frames[i].name, STR("f"));
		bool is_g = str_equal(flame.frames[i].name, STR("g"));

		CHECK_INT(flame.flat[i * 2], is_f ? 5 : 0);
		CHECK_INT(flame.cum[i * 2], is_g ? 1 : 5);
	}
	flame_deinit(&flame);
	sketch_end(&sketch);
}

TEST(flame_names_what_has_no_name)
{
	struct sketch sketch = sketch_begin();
	struct flame flame;

	sample(&sketch, "main>?", 1);
	flame_of(&flame, &sketch, (struct flame_shape){ .has_sums = true });

	uint32_t node = child(&flame, child(&flame, 0, "main"), "<unknown>");

	CHECK_INT(flame_frame_of(&flame, node)->kind, FLAME_UNNAMED);
	CHECK_INT(flame.frames_seen, 2);
	CHECK_INT(flame.unnamed_seen, 1);
	flame_deinit(&flame);
	sketch_end(&sketch);
}

TEST(flame_of_nothing_is_a_root)
{
	struct sketch sketch = sketch_begin();
	struct flame flame;

	flame_of(&flame, &sketch, (struct flame_shape){ 0 });
	CHECK_INT(flame.node_count, 1);
	CHECK_INT(flame.nodes[0].frame, FLAME_ROOT);
	flame_deinit(&flame);
	sketch_end(&sketch);
}

TEST(folded_is_sorted_and_has_one_line_a_stack)
{
	struct sketch sketch = sketch_begin();
	struct report_options options = report_options_default();
	struct writer w = writer_to_memory();
	struct error err;

	sample(&sketch, "main>b", 1);
	sample(&sketch, "main>a;x\n", 2);
	sample(&sketch, "main>b", 3);
	sample(&sketch, "main", 1);
	options.sample_index = STR("samples");
	CHECK(folded_render(sketch.profile, &options, &w, &err));
	CHECK_STR(writer_contents(&w), "main 1\nmain;a:x  2\nmain;b 4\n");
	writer_deinit(&w);
	sketch_end(&sketch);
}

TEST(speedscope_has_frames_samples_and_weights)
{
	struct sketch sketch = sketch_begin();
	struct report_options options = report_options_default();
	struct writer w = writer_to_memory();
	struct error err;
	struct str text;

	sample(&sketch, "main>b", 1);
	sample(&sketch, "main", 2);
	CHECK(speedscope_render(sketch.profile, &options, &w, &err));
	text = writer_contents(&w);
	CHECK(str_find(text, STR("\"activeProfileIndex\":1")) > 0);
	CHECK(str_find(text, STR("\"samples\":[[0],[0,1]],\"weights\":[2,1]")) > 0);
	CHECK(str_find(text, STR("\"endValue\":30000000")) > 0);
	writer_deinit(&w);
	sketch_end(&sketch);
}

TEST(flame_refuses_an_unknown_value)
{
	struct sketch sketch = sketch_begin();
	struct report_options options = report_options_default();
	struct flame flame;
	struct error err;

	const struct flame_shape shape = { 0 };

	options.sample_index = STR("heat");
	CHECK(!flame_init(&flame, sketch.profile, &options, &shape, &err));
	CHECK_STR(str_from(err.text),
		  "sample_index \"heat\" must be one of: [samples cpu]");
	options.sample_index = STR("2");
	CHECK(!flame_init(&flame, sketch.profile, &options, &shape, &err));
	CHECK_STR(str_from(err.text), "sample_index 2 is outside the range [0..1]");
	options.sample_index = STR("inuse_samples");
	CHECK(flame_init(&flame, sketch.profile, &options, &shape, &err));
	CHECK_INT(flame.type, 0);
	CHECK_INT(flame.type_count, 1);
	flame_deinit(&flame);
	sketch_end(&sketch);
}
