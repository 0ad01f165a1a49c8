// One block for each sample: labels, then frames from the leaf on.
#include "report/traces.h"

#include "base/cleanup.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/header.h"
#include "report/number.h"
#include "report/report.h"
#include "report/sample_labels.h"

#define SEPARATOR "-----------+-------------------------------------------------------\n"

// The values of a label behind its key.
static struct str label_line(const struct report *report, const struct label_group *group,
			     enum label_kind kind, struct arena *scratch)
{
	struct str unit = label_units_of(&report->label_units, group->labels[0]->key);
	struct writer line = writer_to_memory();
	struct str text;

	writer_format(&line, "%10.*s: ", (int)group->key.n, group->key.p);
	for (size_t i = 0; i < group->count; i++) {
		const struct profile_label *label = group->labels[i];

		writer_char(&line, ' ');
		if (kind == LABEL_STRING)
			writer_str(&line, profile_string(report->profile, label->string));
		else
			writer_str(&line, measure_label(scratch, label->number, unit,
							STR("auto")));
	}
	text = str_copy(scratch, writer_contents(&line));
	writer_deinit(&line);
	return text;
}

static void print_labels(const struct report *report, uint32_t set, enum label_kind kind,
			 struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct label_groups groups = sample_labels(report->profile, set, kind, &scratch);
	struct str *lines = arena_array(&scratch, groups.count + 1, sizeof(*lines));

	for (size_t i = 0; i < groups.count; i++)
		lines[i] = label_line(report, &groups.groups[i], kind, &scratch);
	sample_labels_sort(lines, groups.count);
	for (size_t i = 0; i < groups.count; i++) {
		writer_str(w, lines[i]);
		writer_char(w, '\n');
	}
}

static void print_frames(struct report *report, struct profile_stack_view stack,
			 struct str value, struct writer *w)
{
	const struct nodes *nodes = &report->graph.nodes;
	bool is_first = true;

	for (size_t i = 0; i < stack.count; i++) {
		uint32_t to = nodes->first[stack.locations[i] + 1];

		for (uint32_t j = nodes->first[stack.locations[i]]; j < to; j++) {
			if (is_first)
				writer_format(w, "%10.*s   ", (int)value.n, value.p);
			else
				writer_text(w, "             ");
			is_first = false;
			writer_str(w, graph_label(&report->graph, nodes->list[j]));
			writer_text(w, j + 1 < to ? " (inline)\n" : "\n");
		}
	}
}

static void print_sample(struct report *report, size_t index, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct profile *profile = report->profile;
	const int64_t *row = profile_values(profile, index);
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[index]);
	int64_t value =
		number_mean(row[report->value_index], report->options.mean ? row[0] : 0);

	if (stack.count == 0)
		return;
	writer_text(w, SEPARATOR);
	print_labels(report, profile->sample_labels[index], LABEL_STRING, w);
	print_labels(report, profile->sample_labels[index], LABEL_NUMBER, w);
	print_frames(report, stack, report_value(report, &scratch, value), w);
}

bool traces_render(struct report *report, struct writer *w, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct header header = header_profile(report, &scratch);

	(void)err;
	for (size_t i = 0; i < header.count; i++) {
		writer_str(w, header.lines[i]);
		writer_char(w, '\n');
	}
	if (header.count == 0)
		writer_char(w, '\n');
	for (size_t i = 0; i < report->profile->sample_count; i++)
		print_sample(report, i, w);
	writer_text(w, SEPARATOR);
	return true;
}
