// Prints every table of a profile.
#include "report/raw.h"

#include <inttypes.h>
#include <time.h>

#include "base/cleanup.h"
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
static struct str group_text(const struct profile *profile,
			     const struct label_group *group, enum label_kind kind,
			     struct arena *arena)
{
	struct writer text = writer_to_memory();
	struct str copy;

	writer_str(&text, group->key);
	for (size_t i = 0; i < group->count; i++) {
		const struct profile_label *label = group->labels[i];

		writer_text(&text, i == 0 ? ":[" : " ");
		if (kind == LABEL_STRING)
			print_string(profile, label->string, &text);
		else
			writer_i64(&text, label->number);
		if (kind == LABEL_NUMBER && group->has_unit) {
			writer_char(&text, ' ');
			print_string(profile, label->unit, &text);
		}
	}
	writer_char(&text, ']');
	copy = str_copy(arena, writer_contents(&text));
	writer_deinit(&text);
	return copy;
}

static void print_labels(const struct profile *profile, uint32_t set,
			 enum label_kind kind, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct label_groups groups = sample_labels(profile, set, kind, &scratch);
	struct str *texts = arena_array(&scratch, groups.count + 1, sizeof(*texts));

	if (groups.count == 0)
		return;
	for (size_t i = 0; i < groups.count; i++)
		texts[i] = group_text(profile, &groups.groups[i], kind, &scratch);
	sample_labels_sort(texts, groups.count);
	writer_text(w, "                ");
	for (size_t i = 0; i < groups.count; i++) {
		if (i > 0)
			writer_char(w, ' ');
		writer_str(w, texts[i]);
	}
	writer_char(w, '\n');
}

static void print_sample(const struct profile *profile, size_t index, struct writer *w)
{
	const int64_t *values = profile_values(profile, index);
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[index]);

	for (size_t i = 0; i < profile->type_count; i++)
		writer_format(w, " %10" PRId64, values[i]);
	writer_text(w, ": ");
	for (size_t i = 0; i < stack.count; i++) {
		writer_u64(w, profile->locations[stack.locations[i]].id);
		writer_char(w, ' ');
	}
	writer_char(w, '\n');
	if (profile->sample_labels[index] == 0)
		return;
	print_labels(profile, profile->sample_labels[index], LABEL_STRING, w);
	print_labels(profile, profile->sample_labels[index], LABEL_NUMBER, w);
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
	print_types(profile, w);
	for (size_t i = 0; i < profile->sample_count; i++)
		print_sample(profile, i, w);
	writer_text(w, "Locations\n");
	for (size_t i = 0; i < profile->location_count; i++)
		print_location(report, &profile->locations[i], w);
	writer_text(w, "Mappings\n");
	for (size_t i = 0; i < profile->mapping_count; i++)
		print_mapping(report, &profile->mappings[i], w);
	return true;
}
