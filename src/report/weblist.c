// Writes the annotated source as JSON into its page.
#include "report/weblist.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/map.h"
#include "base/writer.h"
#include "report/annotation.h"
#include "report/header.h"
#include "report/measure.h"
#include "report/number.h"
#include "report/page.h"
#include "report/report.h"
#include "report/source_lines.h"

// ui.S embeds these.
extern const char weblist_ui_css[], weblist_ui_css_end[];
extern const char weblist_ui_body[], weblist_ui_body_end[];
extern const char weblist_ui_js[], weblist_ui_js_end[];

// A source file that was looked for.
struct source {
	bool is_open;
	struct source_lines lines;
	struct str reason; // why it is not open
};

struct weblist {
	const struct report *report;
	const struct annotation *annotation;
	struct json json;
	struct interner files; // file -> row of sources
	struct source *sources;
	size_t source_capacity;
	struct arena arena;
};

static const struct source *find_source(struct weblist *weblist, struct str file)
{
	const struct report_options *options = &weblist->report->options;
	size_t known = weblist->files.count;
	uint32_t row = interner_add(&weblist->files, NULL, file);
	struct source *source;
	struct error err;

	if (row < known)
		return &weblist->sources[row];
	weblist->sources = table_reserve(weblist->sources, &weblist->source_capacity,
					 row + 1, sizeof(*weblist->sources));
	source = &weblist->sources[row];
	*source = (struct source){ .reason = STR("") };
	if (file.n == 0) {
		source->reason = STR("the file of this function is not known");
		return source;
	}
	source->is_open = source_lines_open(&source->lines, file, options->source_path,
					    options->trim_path, &err);
	if (!source->is_open)
		source->reason = str_copy(&weblist->arena, str_from(err.text));
	return source;
}

static bool find_line(struct weblist *weblist, struct str file, int64_t line,
		      struct str *text)
{
	const struct source *source = find_source(weblist, file);

	return source->is_open && source_lines_get(&source->lines, line, text);
}

static void write_value(struct weblist *weblist, const struct annotation_value *value)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	int64_t flat = number_mean(value->flat, value->flat_divisor);
	int64_t cum = number_mean(value->cum, value->cum_divisor);

	json_key_string(&weblist->json, "flat",
			report_value_or_dot(weblist->report, &scratch, flat));
	json_key_string(&weblist->json, "cum",
			report_value_or_dot(weblist->report, &scratch, cum));
	if (value->flat != 0)
		json_key_i64(&weblist->json, "own", flat);
	if (value->cum != 0)
		json_key_i64(&weblist->json, "weight", cum);
}

static struct str place(struct arena *arena, const struct annotation_frame *frame)
{
	struct str file = str_basename(frame->file);

	if (file.n == 0)
		return STR("");
	return str_format(arena, "%.*s:%" PRId64, (int)file.n, file.p, frame->line);
}

static bool is_same_frame(const struct annotation_frame *a,
			  const struct annotation_frame *b)
{
	return a->line == b->line && str_equal(a->file, b->file) &&
	       str_equal(a->name, b->name);
}

// How many of the outer inlined calls two instructions of a line share.
static uint32_t shared_calls(const struct annotation *annotation,
			     const struct annotation_entry *a,
			     const struct annotation_entry *b)
{
	const struct annotation_frame *left = annotation->codes[a->code].frames;
	const struct annotation_frame *right = annotation->codes[b->code].frames;
	uint32_t shared = 0;

	while (shared < a->depth && shared < b->depth &&
	       is_same_frame(&left[a->depth - 1 - shared], &right[b->depth - 1 - shared]))
		shared++;
	return shared;
}

// The calls inlined at this line that the instruction comes from, but for those already
// shown with the one before it.
static void write_calls(struct weblist *weblist, const struct annotation_entry *entry,
			uint32_t shared)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct annotation_code *code = &weblist->annotation->codes[entry->code];
	struct json *json = &weblist->json;

	if (shared == entry->depth)
		return;
	json_key(json, "calls");
	json_array_begin(json);
	for (uint32_t i = shared; i < entry->depth; i++) {
		const struct annotation_frame *frame =
			&code->frames[entry->depth - 1 - i];
		struct str text = STR("");

		find_line(weblist, frame->file, frame->line, &text);
		json_object_begin(json);
		json_key_i64(json, "depth", i);
		json_key_string(json, "name", frame->name);
		json_key_string(json, "text", str_trim(text));
		json_key_string(json, "place", place(&scratch, frame));
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_entry(struct weblist *weblist, const struct annotation_row *row,
			size_t index)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct annotation *annotation = weblist->annotation;
	const struct annotation_entry *entry = &annotation->entries[index];
	const struct annotation_entry *before =
		index > row->from ? &annotation->entries[index - 1] : NULL;
	const struct annotation_code *code = &annotation->codes[entry->code];
	struct json *json = &weblist->json;

	json_object_begin(json);
	json_key_string(json, "address", str_format(&scratch, "%" PRIx64, code->address));
	json_key_string(json, "text", code->text);
	json_key_i64(json, "depth", entry->depth);
	json_key_string(json, "place", place(&scratch, &code->frames[0]));
	write_value(weblist, &code->value);
	if (before != NULL && before->code + 1 != entry->code)
		json_key_bool(json, "gap", true);
	write_calls(weblist, entry,
		    before == NULL ? 0 : shared_calls(annotation, before, entry));
	json_object_end(json);
}

// Whether there is anything to unfold.
static bool has_code(const struct weblist *weblist, const struct annotation_row *row)
{
	for (size_t i = row->from; i < row->to; i++) {
		const struct annotation_entry *entry = &weblist->annotation->entries[i];

		if (entry->depth > 0 ||
		    weblist->annotation->codes[entry->code].text.n > 0)
			return true;
	}
	return false;
}

static void write_line(struct weblist *weblist, int64_t number, struct str text,
		       const struct annotation_row *row)
{
	struct json *json = &weblist->json;

	json_object_begin(json);
	json_key_i64(json, "line", number);
	json_key_string(json, "text", text);
	if (row != NULL) {
		write_value(weblist, &row->value);
		json_key(json, "code");
		json_array_begin(json);
		for (size_t i = row->from; has_code(weblist, row) && i < row->to; i++)
			write_entry(weblist, row, i);
		json_array_end(json);
	}
	json_object_end(json);
}

static void write_lines(struct weblist *weblist, const struct annotation_routine *routine)
{
	const struct annotation_row *rows = weblist->annotation->rows;
	size_t next = routine->from;

	for (int64_t line = routine->first; line < routine->limit; line++) {
		bool has_row = next < routine->to && rows[next].line == line;
		struct str text;

		if (!find_line(weblist, routine->file, line, &text)) {
			if (!has_row)
				continue;
			text = line == 0 ? STR("<instructions with unknown line numbers>")
					 : STR("???");
		}
		write_line(weblist, line, text, has_row ? &rows[next++] : NULL);
	}
}

static void write_routine(struct weblist *weblist,
			  const struct annotation_routine *routine)
{
	const struct annotation_value *value = &routine->value;
	struct measure_percent share = measure_percentage(
		number_mean(value->cum, value->cum_divisor), weblist->report->total);
	struct json *json = &weblist->json;

	json_object_begin(json);
	json_key_string(json, "name", routine->name);
	json_key_string(json, "file", routine->file);
	json_key_string(json, "share", str_from(measure_trim(&share)));
	json_key_string(json, "reason", find_source(weblist, routine->file)->reason);
	write_value(weblist, value);
	json_key(json, "lines");
	json_array_begin(json);
	write_lines(weblist, routine);
	json_array_end(json);
	json_object_end(json);
}

static void write_facts(struct weblist *weblist)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct report *report = weblist->report;
	struct header header = header_profile(report, &scratch);
	struct json *json = &weblist->json;

	json_key_string(json, "title", report->title);
	json_key_string(json, "pattern", report->options.symbol);
	json_key_string(json, "total", report_value(report, &scratch, report->total));
	json_key_bool(json, "cut", weblist->annotation->is_cut);
	json_key(json, "legend");
	json_array_begin(json);
	for (size_t i = 0; i < header.count; i++)
		json_string(json, header.lines[i]);
	json_array_end(json);
}

static void write_data(struct weblist *weblist)
{
	const struct annotation *annotation = weblist->annotation;
	struct json *json = &weblist->json;

	json_object_begin(json);
	write_facts(weblist);
	json_key(json, "routines");
	json_array_begin(json);
	for (size_t i = 0; i < annotation->routine_count; i++) {
		if (annotation->routines[i].value.cum != 0)
			write_routine(weblist, &annotation->routines[i]);
	}
	json_array_end(json);
	json_object_end(json);
}

static void weblist_deinit(struct weblist *weblist)
{
	for (size_t i = 0; i < weblist->files.count; i++) {
		if (weblist->sources[i].is_open)
			source_lines_close(&weblist->sources[i].lines);
	}
	free(weblist->sources);
	interner_deinit(&weblist->files);
	arena_deinit(&weblist->arena);
}

static void write_page(struct str data, struct writer *w)
{
	const struct page page = {
		.css = { weblist_ui_css, (size_t)(weblist_ui_css_end - weblist_ui_css) },
		.body = { weblist_ui_body,
			  (size_t)(weblist_ui_body_end - weblist_ui_body) },
		.script = { weblist_ui_js, (size_t)(weblist_ui_js_end - weblist_ui_js) },
		.data = data,
	};

	page_write(&page, w);
}

bool weblist_render_data(struct report *report, struct writer *w, struct error *err)
{
	struct annotation annotation;
	struct weblist weblist = {
		.report = report,
		.annotation = &annotation,
		.json = json_to(w),
	};

	if (!annotation_init(&annotation, report, err))
		return false;
	write_data(&weblist);
	weblist_deinit(&weblist);
	annotation_deinit(&annotation);
	return true;
}

bool weblist_render(struct report *report, struct writer *w, struct error *err)
{
	struct writer data = writer_to_memory();
	bool is_done = weblist_render_data(report, &data, err);

	if (is_done)
		write_page(writer_contents(&data), w);
	writer_deinit(&data);
	return is_done;
}
