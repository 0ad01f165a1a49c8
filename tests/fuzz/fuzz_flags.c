// Reads the input as words of a command line, one a line, and makes that report of a
// small profile: the grammar of flags, the options' values, regexps and label filters.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/writer.h"
#include "cmd/report_flags.h"
#include "profile/builder.h"
#include "report/format.h"
#include "report/report.h"

enum { WORDS_MAX = 32, FRAMES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct profile_label label(struct profile *profile, const char *key,
				  const char *text, int64_t number)
{
	return (struct profile_label){
		.key = profile_intern(profile, str_from(key)),
		.string = profile_intern(profile, str_from(text)),
		.number = number,
		.unit = text[0] == '\0' ? profile_intern(profile, STR("bytes")) : 0,
	};
}

// Functions in two files, one with an inlined call, as locations of one mapping.
static void add_frames(struct profile_builder *builder, uint32_t *locations)
{
	static const char *const names[FRAMES] = { "main",
						   "main.(*T).run",
						   "std::vector<int>::push_back",
						   "runtime.mcall",
						   "strings.Builder",
						   "operator new",
						   "a;b",
						   "" };
	struct profile *profile = builder->profile;
	struct profile_line lines[2] = { 0 };
	uint32_t mapping = profile_builder_add_mapping(
		builder, (struct profile_mapping){
				 .start = 0x1000,
				 .limit = 0x9000,
				 .file = profile_intern(profile, STR("/no/such/program")),
				 .has_functions = true,
			 });

	for (uint32_t i = 0; i < FRAMES; i++) {
		uint32_t name = profile_intern(profile, str_from(names[i]));
		struct profile_function function = {
			.name = name,
			.system_name = name,
			.filename = profile_intern(profile, i % 2 == 0 ? STR("/src/a.c")
								       : STR("b.go")),
			.start_line = i,
		};

		lines[1] = lines[0];
		lines[0] = (struct profile_line){
			.function = profile_builder_add_function(builder, function),
			.line = 10 * i,
		};
		locations[i] =
			profile_builder_location(builder, mapping, 0x1000 + 16 * i);
		profile_builder_set_lines(builder, locations[i], lines, i == 5 ? 2 : 1);
	}
}

static struct profile *make_profile(void)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	uint32_t locations[FRAMES], stack[FRAMES];

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("samples"), STR("count"));
	profile_builder_add_type(&builder, STR("cpu"), STR("nanoseconds"));
	add_frames(&builder, locations);
	for (size_t i = 1; i < FRAMES; i++) {
		struct profile_label labels[] = {
			label(profile, "key", i % 2 == 0 ? "value" : "other", 0),
			label(profile, "bytes", "", (int64_t)(512 * i)),
		};
		int64_t values[] = { (int64_t)i, (int64_t)i * 10000000 };

		for (size_t k = 0; k < i; k++)
			stack[k] = locations[(i * k + 3) % FRAMES];
		profile_builder_append(&builder,
				       profile_builder_stack(&builder, stack, i),
				       profile_builder_labels(&builder, labels, i % 3),
				       values);
	}
	profile_builder_deinit(&builder);
	return profile;
}

static void report(const struct report_request *request)
{
	const struct report_format *format = request->format;
	struct profile *profile = make_profile();
	struct report report;
	struct error err;

	if (format == NULL)
		format = report_format_find(STR("top"));
	// Pictures are drawn by another program.
	if (format->dot_type == NULL &&
	    report_compute(profile, format, &request->options, &report, &err)) {
		struct writer w = writer_to_memory();

		(void)!format->render(&report, &w, &err);
		writer_deinit(&w);
		report_deinit(&report);
	}
	profile_destroy(profile);
}

static bool read_words(struct report_flags *flags, int count, char **words)
{
	struct error err;
	int at = 0;

	while (at < count) {
		switch (report_flags_take(flags, count, words, &at, &err)) {
		case REPORT_FLAG_TAKEN:
			break;
		case REPORT_FLAG_NONE:
			report_flags_add_source(flags, words[at++]);
			break;
		case REPORT_FLAG_UNKNOWN:
			(void)report_flags_suggest(words[at++]);
			break;
		case REPORT_FLAG_WRONG:
			return false;
		}
	}
	return report_flags_finish(flags, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report_flags flags = report_flags_default();
	struct arena arena = { 0 };
	struct str rest = { (const char *)data, size }, word;
	char *words[WORDS_MAX + 1] = { NULL };
	int count = 0;

	while (count < WORDS_MAX && str_cut(&rest, '\n', &word))
		words[count++] = str_terminated(&arena, word);
	if (read_words(&flags, count, words))
		report(&flags.request);
	report_flags_deinit(&flags);
	arena_deinit(&arena);
	return 0;
}
