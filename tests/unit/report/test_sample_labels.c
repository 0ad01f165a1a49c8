// Labels of a sample are gathered by key and sorted by their texts.
#include "profile/builder.h"
#include "report/sample_labels.h"
#include "test.h"

static void print_group(const void *context, const struct label_group *group,
			struct writer *w)
{
	const struct profile *profile = context;
	const struct profile_label *label;
	size_t at = group->head;

	writer_str(w, profile_string(profile, group->view.labels[at].key));
	while ((label = sample_labels_next(group, &at)) != NULL) {
		writer_char(w, ' ');
		if (group->kind == LABEL_STRING)
			writer_str(w, profile_string(profile, label->string));
		else
			writer_i64(w, label->number);
	}
}

TEST(sample_labels_gathers_by_key_and_sorts)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	struct sample_labels labels = { 0 };
	uint32_t z = profile_intern(profile, STR("z"));
	uint32_t a = profile_intern(profile, STR("a"));
	struct profile_label row[] = {
		{ .key = z, .string = profile_intern(profile, STR("one")) },
		{ .key = z, .number = 7, .unit = a },
		{ .key = a, .string = profile_intern(profile, STR("two")) },
		{ .key = z, .string = profile_intern(profile, STR("three")) },
	};
	uint32_t set;

	profile_builder_init(&builder, profile);
	set = profile_builder_labels(&builder, row, 4);
	sample_labels_make(&labels, profile, set, LABEL_STRING, print_group, profile);
	CHECK_INT(labels.count, 2);
	CHECK_STR(labels.texts[0], "a two");
	CHECK_STR(labels.texts[1], "z one three");
	sample_labels_make(&labels, profile, set, LABEL_NUMBER, print_group, profile);
	CHECK_INT(labels.count, 1);
	CHECK_STR(labels.texts[0], "z 7");
	sample_labels_make(&labels, profile, 0, LABEL_STRING, print_group, profile);
	CHECK_INT(labels.count, 0);
	sample_labels_deinit(&labels);
	profile_builder_deinit(&builder);
	profile_destroy(profile);
}
