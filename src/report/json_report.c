// Writes the table's rows and what a reader must know to trust them.
#include "report/json_report.h"

#include "base/json.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/change.h"
#include "report/number.h"
#include "report/report.h"

static double percent(int64_t value, int64_t total)
{
	return total == 0 ? 0 : 100 * (double)value / (double)total;
}

static const char *inlining_word(enum report_inlining inlining)
{
	switch (inlining) {
	case INLINED_NEVER:
		return "never";
	case INLINED_ALWAYS:
		return "always";
	case INLINED_PARTLY:
		return "partly";
	}
	return "never";
}

static const char *change_word(enum change_kind kind)
{
	switch (kind) {
	case CHANGE_NEW:
		return "new";
	case CHANGE_GONE:
		return "gone";
	case CHANGE_BOTH:
		return "both";
	}
	return "both";
}

static void write_change(struct json *j, const struct change *change)
{
	json_key_i64(j, "cum_before", change->before);
	json_key_i64(j, "cum_after", change->after);
	json_key_string(j, "change", str_from(change_word(change->kind)));
	json_key_bool(j, "is_noise", change->is_noise);
}

static void write_row(struct json *j, const struct report *report,
		      const struct report_row *row)
{
	const struct nodes *nodes = &report->graph.nodes;
	const struct node_key *key = graph_node_key(&report->graph, row->node);

	json_object_begin(j);
	json_key_string(j, "name", row->label);
	if (key->name != 0)
		json_key_string(j, "function", nodes_name(nodes, row->node));
	if (key->file != 0)
		json_key_string(j, "file", nodes_file(nodes, row->node));
	if (key->line != 0)
		json_key_i64(j, "line", key->line);
	if (key->address != 0) {
		json_key(j, "address");
		json_u64(j, key->address);
	}
	json_key_i64(j, "flat", row->flat);
	json_key_double(j, "flat_percent", percent(row->flat, report->total));
	json_key_double(j, "sum_percent", percent(row->flat_sum, report->total));
	json_key_i64(j, "cum", row->cum);
	json_key_double(j, "cum_percent", percent(row->cum, report->total));
	json_key_string(j, "inlined", str_from(inlining_word(row->inlining)));
	if (report->changes != NULL)
		write_change(j, &report->changes[row - report->rows]);
	json_object_end(j);
}

static void write_profile(struct json *j, const struct profile *profile)
{
	json_key(j, "profile");
	json_object_begin(j);
	if (profile->mapping_count > 0) {
		const struct profile_mapping *main = &profile->mappings[0];

		json_key_string(j, "file", profile_string(profile, main->file));
		json_key_string(j, "build_id", profile_string(profile, main->build_id));
	}
	json_key_i64(j, "time_ns", profile->time_ns);
	json_key_i64(j, "duration_ns", profile->duration_ns);
	json_key(j, "comments");
	json_array_begin(j);
	for (size_t i = 0; i < profile->comment_count; i++)
		json_string(j, profile_string(profile, profile->comments[i]));
	json_array_end(j);
	json_object_end(j);
}

static void write_quality(struct json *j, const struct report *report)
{
	const struct profile_quality *quality = &report->profile->quality;

	json_key(j, "quality");
	json_object_begin(j);
	json_key_bool(j, "recorded_by_goprof", quality->is_known);
	if (quality->is_known) {
		json_key_i64(j, "samples", (int64_t)quality->samples);
		json_key_i64(j, "lost", (int64_t)quality->lost);
		json_key_i64(j, "truncated_stacks", (int64_t)quality->truncated);
		json_key_i64(j, "rate_hz", (int64_t)quality->rate_hz);
		json_key_i64(j, "cpu_ns", (int64_t)quality->cpu_ns);
		json_key_i64(j, "cpu_ns_without_samples", (int64_t)quality->unsampled_ns);
		json_key_i64(j, "frames", (int64_t)quality->frames);
		json_key_i64(j, "frames_without_name", (int64_t)quality->unnamed);
	}
	json_key_i64(j, "addresses", (int64_t)report->quality.addresses);
	json_key_i64(j, "addresses_without_name", (int64_t)report->quality.unnamed);
	json_key(j, "warnings");
	json_array_begin(j);
	for (size_t i = 0; i < report->warning_count; i++)
		json_string(j, report->warnings[i]);
	json_array_end(j);
	json_object_end(j);
}

bool json_report_render(struct report *report, struct writer *w, struct error *err)
{
	struct json j = json_to(w);

	(void)err;
	j.is_pretty = true;
	json_object_begin(&j);
	json_key_string(&j, "report", STR("top"));
	json_key_string(&j, "type", report->type);
	json_key_string(&j, "unit", report->unit);
	json_key_i64(&j, "total", report->total);
	json_key_i64(&j, "shown", report->shown);
	json_key_i64(&j, "nodes", (int64_t)report->graph.full_count);
	json_key_i64(&j, "dropped_nodes", (int64_t)report->graph.dropped_nodes);
	write_profile(&j, report->profile);
	write_quality(&j, report);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < report->row_count; i++)
		write_row(&j, report, &report->rows[i]);
	json_array_end(&j);
	json_object_end(&j);
	writer_char(w, '\n');
	return true;
}
