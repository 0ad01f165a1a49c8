// Findings on profiles built by hand.
#include "report/hints.h"

#include "base/error.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "report/hints_text.h"
#include "test.h"
#include "tiny_profile.h"

enum { DEPTH_MAX = 16 };

static const struct hints_options options = {
	.min_share = 0.05,
	.program = { "goprof", 6 },
	.source = { "F", 1 },
};

static const struct hint *find(const struct hints *hints, const char *id)
{
	for (size_t i = 0; i < hints->count; i++) {
		if (strcmp(hints->items[i].id, id) == 0)
			return &hints->items[i];
	}
	test_fail(__FILE__, __LINE__, "no finding %s", id);
}

static bool has(const struct hints *hints, const char *id)
{
	for (size_t i = 0; i < hints->count; i++) {
		if (strcmp(hints->items[i].id, id) == 0)
			return true;
	}
	return false;
}

static struct profile *profile_with(const char *const *types)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;

	profile_builder_init(&builder, profile);
	for (; *types != NULL; types += 2)
		profile_builder_add_type(&builder, str_from(types[0]),
					 str_from(types[1]));
	profile_builder_deinit(&builder);
	return profile;
}

// A stack in words, root first; names that begin with '#' are the kernel's.
static void add(struct profile *profile, const char *stack, const int64_t *values)
{
	struct str rest = str_from(stack), word;
	uint32_t locations[DEPTH_MAX], kernel;
	struct profile_builder builder;
	size_t at = DEPTH_MAX;

	profile_builder_init(&builder, profile);
	kernel = profile_builder_add_mapping(
		&builder,
		(struct profile_mapping){
			.file = profile_intern(profile, STR("[kernel.kallsyms]")) });
	while (str_cut(&rest, ' ', &word)) {
		bool is_kernel = word.p[0] == '#';
		struct profile_line line = { 0 };
		uint32_t name = profile_intern(profile, str_after(word, is_kernel));

		line.function = profile_builder_add_function(
			&builder, (struct profile_function){ .name = name });
		locations[--at] =
			profile_builder_location(&builder,
						 is_kernel ? kernel : PROFILE_NONE,
						 profile->location_count + 1);
		if (word.n > 1 || !is_kernel)
			profile_builder_set_lines(&builder, locations[at], &line, 1);
	}
	profile_builder_append(
		&builder, profile_builder_stack(&builder, locations + at, DEPTH_MAX - at),
		0, values);
	profile_builder_deinit(&builder);
}

static void add_one(struct profile *profile, const char *stack, int64_t value)
{
	add(profile, stack, &value);
}

TEST(cpu_counts_the_outermost_topic_once)
{
	struct profile *profile = tiny_profile_create();
	const struct hint *hint;
	struct hints hints;
	struct error err;

	tiny_profile_add(profile, "main parse fmt.Sprintf runtime.mallocgc", 300);
	tiny_profile_add(profile, "main build runtime.mallocgc runtime.memclrNoHeap",
			 500);
	tiny_profile_add(profile, "main load strings.Repeat runtime.mallocgc", 100);
	tiny_profile_add(profile, "main own", 1060);
	tiny_profile_add(profile, "main own sync.(*Mutex).Lock", 40);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK_INT(hints.total, 2000);
	hint = find(&hints, "allocation");
	CHECK_INT(hint->value, 600);
	CHECK(hint->has_interval && hint->interval.low < 0.3 &&
	      hint->interval.high > 0.3);
	CHECK_STR(hint->causes[0].function, "build");
	CHECK_INT(hint->causes[0].value, 500);
	// Plumbing is passed over in the search for who is to blame, but shown.
	CHECK_STR(hint->causes[1].function, "load");
	CHECK_INT(hint->causes[1].frame_count, 3);
	CHECK_STR(hint->causes[1].frames[1], "strings.Repeat");
	CHECK_STR(hint->command, "goprof -peek='^runtime\\.mallocgc$' F");
	CHECK_INT(find(&hints, "formatting")->value, 300);
	// 2% is below the share that findings need.
	CHECK(!has(&hints, "synchronization"));
	CHECK(!has(&hints, "copying"));
	CHECK(!has(&hints, "few-samples"));
	CHECK_INT((int)(hints.unmatched * 100 + 0.5), 53);
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(cpu_counts_collection_and_faults_wherever_they_are)
{
	struct profile *profile = tiny_profile_create();
	struct hints hints;
	struct error err;

	add_one(profile, "main runtime.mallocgc runtime.gcAssistAlloc", 500);
	add_one(profile, "main fill memset #asm_exc_page_fault #clear_page", 500);
	add_one(profile, "main fill asm_exc_page_fault", 1000);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK_INT(find(&hints, "collection")->value, 500);
	CHECK_INT(find(&hints, "page-faults")->value, 500);
	CHECK_STR(find(&hints, "page-faults")->causes[0].function, "fill");
	CHECK(!has(&hints, "allocation"));
	CHECK(!has(&hints, "copying"));
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(cpu_tells_small_writes_only_by_kernel_frames)
{
	struct profile *profile = tiny_profile_create();
	struct hints hints;
	struct error err;

	add_one(profile, "main log write", 1000);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK(has(&hints, "system-calls"));
	CHECK(!has(&hints, "reads-and-writes"));
	hints_deinit(&hints);

	add_one(profile, "main log write #do_syscall_64 #ksys_write #vfs_write", 9000);
	add_one(profile, "main log write #ksys_write #copy_from_user", 300);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK(has(&hints, "reads-and-writes"));
	CHECK_STR(find(&hints, "reads-and-writes")->causes[0].function, "log");
	hints_deinit(&hints);

	add_one(profile, "main log write #ksys_write #copy_from_user", 9000);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK(!has(&hints, "reads-and-writes"));
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(quality_of_few_samples_and_missing_names)
{
	struct profile *profile = tiny_profile_create();
	struct hints hints;
	struct error err;

	add_one(profile, "main #", 30);
	add_one(profile, "main malloc", 66);
	add_one(profile, "main free", 4);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK(has(&hints, "few-samples"));
	CHECK(has(&hints, "no-names"));
	CHECK_INT(find(&hints, "no-names")->value, 30);
	CHECK_INT(hints.items[0].weight, HINT_FINDING);
	CHECK_INT(hints.items[hints.count - 1].weight, HINT_QUALITY);
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(no_finding_on_fewer_than_five_samples)
{
	struct profile *profile = tiny_profile_create();
	struct hints hints;
	struct error err;

	add_one(profile, "main malloc", 4);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK(!has(&hints, "allocation"));
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(heap_tells_churn_from_what_stays)
{
	static const char *const types[] = {
		"alloc_objects", "count",       "alloc_space", "bytes", "inuse_objects",
		"count",         "inuse_space", "bytes",       NULL
	};
	struct profile *profile = profile_with(types);
	const struct hint *hint;
	struct hints hints;
	struct error err;

	add(profile, "main parse", (const int64_t[]){ 100000, 3200000, 10, 320 });
	add(profile, "main cache", (const int64_t[]){ 10, 10000000, 10, 10000000 });
	add(profile, "main index", (const int64_t[]){ 20000, 2000000, 20000, 2000000 });
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK_INT(hints.kind, HINTS_HEAP);
	hint = find(&hints, "short-lived-small-objects");
	CHECK_INT(hint->value, 100000);
	CHECK_STR(hint->unit, "count");
	// The profile is exact: its period says nothing about sampling.
	CHECK(!hint->has_interval);
	CHECK_STR(hint->causes[0].function, "parse");
	CHECK_INT(find(&hints, "live-large-objects")->value, 10000000);
	CHECK_STR(find(&hints, "live-large-objects")->causes[0].function, "cache");
	CHECK_INT(find(&hints, "live-small-objects")->value, 2000320);
	CHECK(!has(&hints, "live-middle-objects"));
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(waits_are_sorted_by_what_they_mean)
{
	static const char *const types[] = { "contentions", "count", "delay",
					     "nanoseconds", NULL };
	struct profile *profile = profile_with(types);
	struct hints hints;
	struct error err;

	add(profile, "main.work sync.(*Mutex).Lock", (const int64_t[]){ 100, 4000 });
	add(profile, "main.main sync.(*WaitGroup).Wait", (const int64_t[]){ 1, 9000 });
	add(profile, "net/http.(*persistConn).readLoop runtime.selectgo",
	    (const int64_t[]){ 5, 2000 });
	add(profile, "main.feed runtime.chansend1", (const int64_t[]){ 7, 5000 });
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK_INT(hints.kind, HINTS_WAIT);
	CHECK_STR(str_from(hints.items[0].id), "wait-send");
	CHECK_STR(str_from(hints.items[1].id), "wait-mutex");
	CHECK_STR(hints.items[1].causes[0].function, "main.work");
	CHECK_INT(find(&hints, "wait-group")->weight, HINT_HARMLESS);
	CHECK_INT(find(&hints, "wait-idle")->value, 2000);
	CHECK(!has(&hints, "wait-select"));
	CHECK(!hints.items[0].has_interval);
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(hints_refuse_what_they_cannot_read)
{
	static const char *const types[] = { "goroutine", "count", NULL };
	struct profile *profile = profile_with(types);
	struct hints hints;
	struct error err;

	CHECK(!hints_compute(profile, &options, &hints, &err));
	CHECK_INT(err.code, ERROR_UNSUPPORTED);
	CHECK(str_find(str_from(err.text), STR("counts goroutine")) != STR_NOT_FOUND);
	profile_destroy(profile);
}

TEST(hints_of_an_empty_profile_are_none)
{
	struct profile *profile = tiny_profile_create();
	struct writer w = writer_to_memory();
	struct hints hints;
	struct error err;

	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK_INT(hints.count, 0);
	hints_text_print(&hints, &w);
	CHECK(str_find(writer_contents(&w), STR("No topic")) != STR_NOT_FOUND);
	hints_text_json(&hints, &w);
	writer_deinit(&w);
	hints_deinit(&hints);
	profile_destroy(profile);
}

TEST(commands_survive_shell_and_regexp)
{
	struct profile *profile = tiny_profile_create();
	struct hints hints;
	struct error err;

	add_one(profile, "main sync.(*Mutex).it's", 1000);
	CHECK(hints_compute(profile, &options, &hints, &err));
	CHECK_STR(find(&hints, "synchronization")->command,
		  "goprof -peek='^sync\\.\\(\\*Mutex\\)\\.it.s$' F");
	hints_deinit(&hints);
	profile_destroy(profile);
}
