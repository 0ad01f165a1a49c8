// Lines, instructions and their values, without a program file and with this one.
#include "report/annotation.h"

#include <link.h>
#include <unistd.h>

#include "base/error.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "report/format.h"
#include "report/report.h"
#include "report/weblist.h"
#include "test.h"
#include "tiny_profile.h"

static void compute(struct profile *profile, const char *symbol, struct report *report)
{
	struct report_options options = report_options_default();
	struct error err;

	options.symbol = str_from(symbol);
	if (!report_compute(profile, report_format_find(STR("weblist")), &options, report,
			    &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

static const struct annotation_routine *routine_named(const struct annotation *annotation,
						      const char *name)
{
	for (size_t i = 0; i < annotation->routine_count; i++) {
		if (str_equal(annotation->routines[i].name, str_from(name)))
			return &annotation->routines[i];
	}
	test_fail(__FILE__, __LINE__, "no routine %s", name);
}

TEST(annotation_without_code)
{
	struct profile *profile = tiny_profile_create();
	struct annotation annotation;
	struct report report;
	struct error err;

	tiny_profile_add(profile, "main work work step", 3);
	tiny_profile_add(profile, "main work", 4);
	tiny_profile_add(profile, "main other", 8);
	compute(profile, "^work$", &report);
	CHECK(annotation_init(&annotation, &report, &err));
	CHECK_INT(annotation.routine_count, 1);
	const struct annotation_routine *work = routine_named(&annotation, "work");

	// Recursion counts once.
	CHECK_INT(work->value.flat, 4);
	CHECK_INT(work->value.cum, 7);
	CHECK_INT(annotation.codes[annotation.entries[0].code].text.n, 0);
	annotation_deinit(&annotation);
	report_deinit(&report);
	profile_destroy(profile);
}

TEST(annotation_nothing_found)
{
	struct profile *profile = tiny_profile_create();
	struct annotation annotation;
	struct report report;
	struct error err;

	tiny_profile_add(profile, "main work", 4);
	compute(profile, "nosuch", &report);
	CHECK(!annotation_init(&annotation, &report, &err));
	CHECK_STR(str_from(err.text), "no matches found for regexp: nosuch");
	report_deinit(&report);
	profile_destroy(profile);
}

__attribute__((noinline)) static int annotation_test_landmark(int x)
{
	__asm__ volatile("nop\n\tnop" : "+r"(x));
	return x * 3;
}

// A profile of two samples in the landmark.
static struct profile *own_profile(void)
{
	extern const ElfW(Ehdr) __ehdr_start;
	uint64_t address = (uint64_t)annotation_test_landmark;
	struct profile *profile = profile_create();
	struct profile_builder builder;
	struct profile_line line = { .line = 1 };
	char path[4096] = "";
	int64_t value = 2;

	CHECK(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("samples"), STR("count"));
	uint32_t mapping = profile_builder_add_mapping(
		&builder, (struct profile_mapping){
				  .start = (uint64_t)&__ehdr_start,
				  .limit = (uint64_t)&__ehdr_start + (1 << 30),
				  .file = profile_intern(profile, str_from(path)) });
	line.function = profile_builder_add_function(
		&builder,
		(struct profile_function){
			.name = profile_intern(profile, STR("annotation_test_landmark")),
		});
	uint32_t location = profile_builder_location(&builder, mapping, address);

	profile_builder_set_lines(&builder, location, &line, 1);
	profile_builder_append(&builder, profile_builder_stack(&builder, &location, 1), 0,
			       &value);
	profile_builder_deinit(&builder);
	return profile;
}

TEST(annotation_with_code)
{
	int (*volatile keep)(int) = annotation_test_landmark;
	struct profile *profile = own_profile();
	struct annotation annotation;
	struct report report;
	struct error err;
	size_t nops = 0;

	CHECK_INT(keep(2), 6);
	compute(profile, "landmark", &report);
	CHECK(annotation_init(&annotation, &report, &err));
	CHECK_INT(annotation.routine_count, 1);
	CHECK_INT(annotation.routines[0].value.flat, 2);
	CHECK_STR(str_basename(annotation.routines[0].file), "test_annotation.c");
	CHECK_INT(annotation.codes[0].value.flat, 2);
	for (size_t i = 0; i < annotation.code_count; i++)
		nops += str_equal(annotation.codes[i].text, STR("nop"));
	CHECK(nops >= 2);
	annotation_deinit(&annotation);
	report_deinit(&report);
	profile_destroy(profile);
}

TEST(weblist_escapes_hostile_names)
{
	struct profile *profile = tiny_profile_create();
	struct writer page = writer_to_memory();
	struct report report;
	struct error err;

	tiny_profile_add(profile, "main </script><img/src=x>", 4);
	compute(profile, ".", &report);
	CHECK(weblist_render(&report, &page, &err));
	CHECK_INT(str_find(writer_contents(&page), STR("<img")), STR_NOT_FOUND);
	CHECK(str_find(writer_contents(&page), STR("\\u003cimg/src=x\\u003e")) > 0);
	writer_deinit(&page);
	report_deinit(&report);
	profile_destroy(profile);
}
