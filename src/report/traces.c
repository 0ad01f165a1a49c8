// One block for each sample: labels, then frames from the leaf on.
#include "report/traces.h"

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/pieces.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/header.h"
#include "report/number.h"
#include "report/report.h"
#include "report/sample_labels.h"

#define SEPARATOR "-----------+-------------------------------------------------------\n"

// As wide as a value and what stands behind it.
#define MARGIN "             "

enum { VALUE_WIDTH = 10, VALUES = 64, PIECE_ROWS = 1024 };

// What the pieces of the report share; only read.
struct traces {
	const struct report *report;
	struct str *frames; // by location: its lines, each with the margin in front
};

// What the rows of a piece use one after the other.
struct page {
	const struct traces *traces;
	struct sample_labels labels;
	struct value_text *values; // VALUES of them, by hash of the number
	struct writer *w;
};

struct value_text {
	int64_t value;
	struct str text; // p is NULL: none yet
	struct arena arena;
};

// The values of a label behind its key.
static void print_group(const void *context, const struct label_group *group,
			struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct report *report = context;
	const struct profile_label *label;
	size_t at = group->head;
	struct str key = profile_string(report->profile, group->view.labels[at].key);
	struct str unit =
		label_units_of(&report->label_units, group->view.labels[at].key);

	for (size_t i = key.n; i < VALUE_WIDTH; i++)
		writer_char(w, ' ');
	writer_str(w, key);
	writer_text(w, ": ");
	while ((label = sample_labels_next(group, &at)) != NULL) {
		writer_char(w, ' ');
		if (group->kind == LABEL_STRING)
			writer_str(w, profile_string(report->profile, label->string));
		else
			writer_str(w, measure_label(&scratch, label->number, unit,
						    STR("auto")));
	}
}

static void print_labels(struct page *page, uint32_t set, enum label_kind kind)
{
	const struct report *report = page->traces->report;

	sample_labels_make(&page->labels, report->profile, set, kind, print_group,
			   report);
	for (size_t i = 0; i < page->labels.count; i++) {
		writer_str(page->w, page->labels.texts[i]);
		writer_char(page->w, '\n');
	}
}

// Few values are many: those of a piece are remembered.
static struct str value_text(struct page *page, int64_t value)
{
	struct value_text *known = &page->values[hash_u64((uint64_t)value) % VALUES];

	if (known->text.p == NULL || known->value != value) {
		arena_deinit(&known->arena);
		known->value = value;
		known->text = report_value(page->traces->report, &known->arena, value);
	}
	return known->text;
}

// The value stands in the margin of the first line.
static void print_frames(struct page *page, struct profile_stack_view stack,
			 struct str value)
{
	const struct str *frames = page->traces->frames;
	bool is_first = true;

	for (size_t i = 0; i < stack.count; i++) {
		struct str lines = frames[stack.locations[i]];

		if (is_first && lines.n > 0) {
			for (size_t n = value.n; n < VALUE_WIDTH; n++)
				writer_char(page->w, ' ');
			writer_str(page->w, value);
			writer_text(page->w, "   ");
			lines = str_after(lines, sizeof(MARGIN) - 1);
			is_first = false;
		}
		writer_str(page->w, lines);
	}
}

static void print_sample(struct page *page, size_t index)
{
	const struct report *report = page->traces->report;
	const struct profile *profile = report->profile;
	const int64_t *row = profile_values(profile, index);
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[index]);
	int64_t value =
		number_mean(row[report->value_index], report->options.mean ? row[0] : 0);

	if (stack.count == 0)
		return;
	writer_text(page->w, SEPARATOR);
	if (profile->sample_labels[index] != 0) {
		print_labels(page, profile->sample_labels[index], LABEL_STRING);
		print_labels(page, profile->sample_labels[index], LABEL_NUMBER);
	}
	print_frames(page, stack, value_text(page, value));
}

static void print_samples(const void *context, size_t from, size_t to, struct writer *w)
{
	struct value_text values[VALUES] = { 0 };
	struct page page = { .traces = context, .values = values, .w = w };

	for (size_t i = from; i < to; i++)
		print_sample(&page, i);
	sample_labels_deinit(&page.labels);
	for (size_t i = 0; i < VALUES; i++)
		arena_deinit(&values[i].arena);
}

static struct str location_lines(struct report *report, size_t location,
				 struct arena *arena)
{
	const struct nodes *nodes = &report->graph.nodes;
	uint32_t from = nodes->first[location], to = nodes->first[location + 1];
	struct writer lines = writer_to_memory();
	struct str text;

	for (uint32_t i = from; i < to; i++) {
		writer_text(&lines, MARGIN);
		writer_str(&lines, graph_label(&report->graph, nodes->list[i]));
		writer_text(&lines, i + 1 < to ? " (inline)\n" : "\n");
	}
	text = str_copy(arena, writer_contents(&lines));
	writer_deinit(&lines);
	return text;
}

static void print_all_samples(struct report *report, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	size_t count = report->profile->location_count;
	struct str *frames = arena_array(&scratch, count + 1, sizeof(*frames));
	struct traces traces = { report, frames };
	struct pieces pieces = { report->profile->sample_count, PIECE_ROWS, print_samples,
				 &traces };

	for (size_t i = 0; i < count; i++)
		frames[i] = location_lines(report, i, &scratch);
	pieces_write(&pieces, w);
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
	print_all_samples(report, w);
	writer_text(w, SEPARATOR);
	return true;
}
