// Prints every table of a profile.
#include "report/raw.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/pieces.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/go_time.h"
#include "report/report.h"
#include "report/sample_labels.h"

static void print_string(const struct profile *profile, uint32_t id, struct writer *w)
{
	writer_str(w, profile_string(profile, id));
}

static void print_facts(const struct profile *profile, struct writer *w)
{
	for (size_t i = 0; i < profile->comment_count; i++) {
		writer_text(w, "Comment: ");
		print_string(profile, profile->comments[i], w);
		writer_char(w, '\n');
	}
	if (profile->doc_url != 0) {
		writer_text(w, "Doc: ");
		print_string(profile, profile->doc_url, w);
		writer_char(w, '\n');
	}
	writer_text(w, "PeriodType: ");
	print_string(profile, profile->period_type.type, w);
	writer_char(w, ' ');
	print_string(profile, profile->period_type.unit, w);
	writer_format(w, "\nPeriod: %" PRId64 "\n", profile->period);
	if (profile->time_ns != 0)
		go_time_print(w, profile->time_ns);
	if (profile->duration_ns != 0)
		go_time_print_duration(w, profile->duration_ns);
}

static void print_types(const struct profile *profile, struct writer *w)
{
	for (size_t i = 0; i < profile->type_count; i++) {
		if (i > 0)
			writer_char(w, ' ');
		print_string(profile, profile->types[i].type, w);
		writer_char(w, '/');
		print_string(profile, profile->types[i].unit, w);
		if (profile->types[i].type == profile->default_type)
			writer_text(w, "[dflt]");
	}
	writer_char(w, '\n');
}

// "key:[value value]" of one label; numbers with their units where any has one.
static void print_group(const void *context, const struct label_group *group,
			struct writer *w)
{
	const struct profile *profile = context;
	const struct profile_label *label;
	bool has_unit = group->kind == LABEL_NUMBER && sample_labels_have_unit(group);
	size_t at = group->head;

	print_string(profile, group->view.labels[at].key, w);
	writer_text(w, ":[");
	while ((label = sample_labels_next(group, &at)) != NULL) {
		if (label != &group->view.labels[group->head])
			writer_char(w, ' ');
		if (group->kind == LABEL_STRING)
			print_string(profile, label->string, w);
		else
			writer_i64(w, label->number);
		if (has_unit) {
			writer_char(w, ' ');
			print_string(profile, label->unit, w);
		}
	}
	writer_char(w, ']');
}

static void print_labels(const struct profile *profile, uint32_t set,
			 enum label_kind kind, struct sample_labels *labels,
			 struct writer *w)
{
	sample_labels_make(labels, profile, set, kind, print_group, profile);
	for (size_t i = 0; i < labels->count; i++) {
		writer_text(w, i == 0 ? "                " : " ");
		writer_str(w, labels->texts[i]);
	}
	if (labels->count > 0)
		writer_char(w, '\n');
}

// An id and the blank behind it.
struct id_text {
	char text[23];
	uint8_t length;
};

struct samples {
	const struct profile *profile;
	struct id_text *ids; // by location
};

static struct id_text *make_ids(const struct profile *profile)
{
	struct id_text *ids = table_zeroed(profile->location_count + 1, sizeof(*ids));
	struct writer text = writer_to_memory();

	for (size_t i = 0; i < profile->location_count; i++) {
		text.used = 0;
		writer_u64(&text, profile->locations[i].id);
		writer_char(&text, ' ');
		memcpy(ids[i].text, text.buffer, text.used);
		ids[i].length = (uint8_t)text.used;
	}
	writer_deinit(&text);
	return ids;
}

// A copy of fixed size is one instruction or two; what is too much of it is written over.
static void print_stack(const struct samples *samples, struct profile_stack_view stack,
			struct writer *w)
{
	for (size_t i = 0; i < stack.count; i++) {
		const struct id_text *id = &samples->ids[stack.locations[i]];
		char *room = writer_room(w, sizeof(id->text));

		if (room == NULL) {
			writer_bytes(w, id->text, id->length);
			continue;
		}
		memcpy(room, id->text, sizeof(id->text));
		writer_advance(w, room + id->length);
	}
}

static void print_samples(const void *context, size_t from, size_t to, struct writer *w)
{
	const struct samples *samples = context;
	const struct profile *profile = samples->profile;
	struct sample_labels labels = { 0 };

	for (size_t i = from; i < to; i++) {
		const int64_t *values = profile_values(profile, i);
		uint32_t set = profile->sample_labels[i];

		for (size_t t = 0; t < profile->type_count; t++) {
			writer_char(w, ' ');
			writer_i64_wide(w, values[t], 10);
		}
		writer_text(w, ": ");
		print_stack(samples, profile_stack(profile, profile->sample_stacks[i]),
			    w);
		writer_char(w, '\n');
		if (set == 0)
			continue;
		print_labels(profile, set, LABEL_STRING, &labels, w);
		print_labels(profile, set, LABEL_NUMBER, &labels, w);
	}
	sample_labels_deinit(&labels);
}

static void print_all_samples(const struct profile *profile, struct writer *w)
{
	enum { PIECE_ROWS = 4096 };
	struct samples samples = { profile, make_ids(profile) };
	struct pieces pieces = { profile->sample_count, PIECE_ROWS, print_samples,
				 &samples };

	print_types(profile, w);
	pieces_write(&pieces, w);
	free(samples.ids);
}

static void print_line(const struct report *report, const struct profile_line *line,
		       struct writer *w)
{
	const struct profile *profile = report->profile;
	const struct report_options *options = &report->options;
	const struct profile_function *function;

	if (line->function == PROFILE_NONE) {
		writer_text(w, "??");
		return;
	}
	function = &profile->functions[line->function];
	print_string(profile, function->name, w);
	writer_char(w, ' ');
	print_string(profile, function->filename, w);
	writer_format(w, ":%" PRId64 ":%" PRId64 " s=%" PRId64, line->line,
		      options->no_inlines && !options->show_columns ? 0 : line->column,
		      function->start_line);
	if (function->name != function->system_name) {
		writer_char(w, '(');
		print_string(profile, function->system_name, w);
		writer_char(w, ')');
	}
}

static void print_location(const struct report *report,
			   const struct profile_location *location, struct writer *w)
{
	const struct profile *profile = report->profile;
	uint32_t from = 0;

	writer_format(w, "%6" PRIu64 ": 0x%" PRIx64 " ", location->id, location->address);
	if (location->mapping != PROFILE_NONE)
		writer_format(w, "M=%" PRIu64 " ",
			      profile->mappings[location->mapping].id);
	if (location->is_folded)
		writer_text(w, "[F] ");
	if (report->options.no_inlines && location->line_count > 1)
		from = location->line_count - 1;
	for (uint32_t i = from; i < location->line_count; i++) {
		if (i > from)
			writer_text(w, "\n             ");
		print_line(report, &profile->lines[location->first_line + i], w);
	}
	writer_char(w, '\n');
}

static void print_mapping(const struct report *report,
			  const struct profile_mapping *mapping, struct writer *w)
{
	bool has_inlines = mapping->has_inline_frames && !report->options.no_inlines;

	writer_format(w, "%" PRIu64 ": 0x%" PRIx64 "/0x%" PRIx64 "/0x%" PRIx64 " ",
		      mapping->id, mapping->start, mapping->limit, mapping->offset);
	print_string(report->profile, mapping->file, w);
	writer_char(w, ' ');
	print_string(report->profile, mapping->build_id, w);
	writer_format(w, " %s%s%s%s\n", mapping->has_functions ? "[FN]" : "",
		      mapping->has_filenames ? "[FL]" : "",
		      mapping->has_line_numbers ? "[LN]" : "", has_inlines ? "[IN]" : "");
}

bool raw_render(struct report *report, struct writer *w, struct error *err)
{
	const struct profile *profile = report->profile;

	(void)err;
	print_facts(profile, w);
	writer_text(w, "Samples:\n");
	print_all_samples(profile, w);
	writer_text(w, "Locations\n");
	for (size_t i = 0; i < profile->location_count; i++)
		print_location(report, &profile->locations[i], w);
	writer_text(w, "Mappings\n");
	for (size_t i = 0; i < profile->mapping_count; i++)
		print_mapping(report, &profile->mappings[i], w);
	return true;
}
