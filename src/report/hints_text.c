// Prints findings; adds nothing to them.
#include "report/hints_text.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "base/writer.h"
#include "profile/unit.h"
#include "report/hints.h"

enum { WIDTH = 90 };

static const char *kind_word(enum hints_kind kind)
{
	switch (kind) {
	case HINTS_CPU:
		return "cpu";
	case HINTS_HEAP:
		return "heap";
	case HINTS_WAIT:
		return "waiting";
	}
	return "";
}

static const char *weight_word(enum hint_weight weight)
{
	switch (weight) {
	case HINT_FINDING:
		return "finding";
	case HINT_HARMLESS:
		return "usually harmless";
	case HINT_QUALITY:
		return "quality";
	}
	return "";
}

// Words, broken into lines that are indented.
static void print_wrapped(struct writer *w, struct str text)
{
	size_t column = 0;
	struct str word;

	while (str_cut(&text, ' ', &word)) {
		if (column == 0 || column + 1 + word.n > WIDTH) {
			writer_text(w, column == 0 ? "  " : "\n  ");
			column = 2;
		} else {
			writer_char(w, ' ');
			column++;
		}
		writer_str(w, word);
		column += word.n;
	}
	writer_char(w, '\n');
}

static void print_cause(struct writer *w, const struct hint_cause *cause)
{
	writer_format(w, "    %5.1f%%  ", 100 * cause->share);
	for (size_t i = 0; i < cause->frame_count; i++) {
		if (i > 0)
			writer_text(w, " > ");
		writer_str(w, cause->frames[i]);
	}
	writer_char(w, '\n');
}

static void print_hint(struct writer *w, const struct hint *hint)
{
	writer_format(w, "\n%s: %s\n", weight_word(hint->weight), hint->id);
	print_wrapped(w, hint->text);
	for (size_t i = 0; i < hint->cause_count; i++)
		print_cause(w, &hint->causes[i]);
	if (hint->advice.n > 0)
		print_wrapped(w, hint->advice);
	if (hint->command.n > 0)
		writer_format(w, "  $ %.*s\n", (int)hint->command.n, hint->command.p);
}

static void print_head(const struct hints *hints, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str total = unit_label(&scratch, hints->total, hints->unit, STR("auto"));

	writer_format(w, "%s profile: %.*s of %.*s", kind_word(hints->kind), (int)total.n,
		      total.p, (int)hints->type.n, hints->type.p);
	if (hints->samples >= 1)
		writer_format(w, " in %.0f samples", hints->samples);
	writer_format(w, "; findings from %.3g%% on%s\n", 100 * hints->options.min_share,
		      hints->effective > 0 ? ", ranges hold with 95% probability" : "");
}

static void print_rest(const struct hints *hints, struct writer *w)
{
	double percent = 100 * hints->unmatched;

	switch (hints->kind) {
	case HINTS_CPU:
		writer_format(w,
			      "\n%.1f%% belongs to no topic: the program's own work, and "
			      "what the tables of names do not know.\n",
			      percent);
		return;
	case HINTS_WAIT:
		if (percent >= 0.05)
			writer_format(w, "\n%.1f%% waits for something else.\n", percent);
		return;
	case HINTS_HEAP:
		return;
	}
}

void hints_text_print(const struct hints *hints, struct writer *w)
{
	size_t findings = 0;

	print_head(hints, w);
	for (size_t i = 0; i < hints->count; i++) {
		findings += hints->items[i].weight != HINT_QUALITY;
		print_hint(w, &hints->items[i]);
	}
	if (findings == 0)
		writer_text(w, "\nNo topic reaches that share.\n");
	print_rest(hints, w);
}

static void json_cause(struct json *j, const struct hint_cause *cause)
{
	json_object_begin(j);
	json_key_string(j, "function", cause->function);
	json_key_i64(j, "value", cause->value);
	json_key_double(j, "percent", 100 * cause->share);
	json_key(j, "frames");
	json_array_begin(j);
	for (size_t i = 0; i < cause->frame_count; i++)
		json_string(j, cause->frames[i]);
	json_array_end(j);
	json_object_end(j);
}

static void json_hint(struct json *j, const struct hint *hint)
{
	json_object_begin(j);
	json_key_string(j, "id", str_from(hint->id));
	json_key_string(j, "weight", str_from(weight_word(hint->weight)));
	json_key_string(j, "text", hint->text);
	json_key_string(j, "advice", hint->advice);
	json_key_string(j, "command", hint->command);
	json_key_i64(j, "value", hint->value);
	json_key_string(j, "unit", hint->unit);
	json_key_double(j, "percent", 100 * hint->share);
	if (hint->has_interval) {
		json_key_double(j, "percent_low", 100 * hint->interval.low);
		json_key_double(j, "percent_high", 100 * hint->interval.high);
	}
	json_key(j, "causes");
	json_array_begin(j);
	for (size_t i = 0; i < hint->cause_count; i++)
		json_cause(j, &hint->causes[i]);
	json_array_end(j);
	json_object_end(j);
}

void hints_text_json(const struct hints *hints, struct writer *w)
{
	struct json j = json_to(w);

	j.is_pretty = true;
	json_object_begin(&j);
	json_key_string(&j, "report", STR("hints"));
	json_key_string(&j, "kind", str_from(kind_word(hints->kind)));
	json_key_string(&j, "type", hints->type);
	json_key_string(&j, "unit", hints->unit);
	json_key_i64(&j, "total", hints->total);
	json_key_double(&j, "samples", hints->samples);
	json_key_double(&j, "min_percent", 100 * hints->options.min_share);
	json_key_double(&j, "unmatched_percent", 100 * hints->unmatched);
	json_key(&j, "findings");
	json_array_begin(&j);
	for (size_t i = 0; i < hints->count; i++)
		json_hint(&j, &hints->items[i]);
	json_array_end(&j);
	json_object_end(&j);
	writer_char(w, '\n');
}
