// Sums samples by label value.
#include "report/tags.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/map.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/number.h"
#include "report/report.h"

// A label value; key and text are ids in the table's own strings.
struct tag {
	uint32_t key, text;
	int64_t value;
};

struct tag_table {
	struct interner strings;
	struct map rows; // key and text -> tag
	struct tag *tags;
	size_t count, capacity;
	int64_t *set_values; // by label list: the sum of its samples
	uint8_t *is_used;
	struct arena arena;
};

static void add(struct tag_table *table, struct str key, struct str text, int64_t value)
{
	uint32_t key_id = interner_add(&table->strings, NULL, key);
	uint32_t text_id = interner_add(&table->strings, NULL, text);
	uint32_t *row = map_put(&table->rows, (uint64_t)key_id << 32 | text_id);

	if (*row == MAP_NONE) {
		*row = (uint32_t)table->count++;
		table->tags = table_reserve(table->tags, &table->capacity, table->count,
					    sizeof(*table->tags));
		table->tags[*row] = (struct tag){ key_id, text_id, 0 };
	}
	table->tags[*row].value = number_add(table->tags[*row].value, value);
}

static void add_set(struct tag_table *table, const struct report *report, uint32_t set)
{
	const struct profile *profile = report->profile;
	struct profile_labels_view view = profile_labels(profile, set);

	for (size_t i = 0; i < view.count; i++) {
		const struct profile_label *label = &view.labels[i];
		struct str key = profile_string(profile, label->key);
		struct str unit = label_units_of(&report->label_units, label->key);
		struct str text;

		if (label->string != 0)
			text = profile_string(profile, label->string);
		else if (label->number != 0 || label->unit != 0)
			text = measure_label(&table->arena, label->number, unit,
					     report->output_unit);
		else
			continue;
		add(table, key, text, table->set_values[set]);
	}
}

static void collect(struct tag_table *table, const struct report *report)
{
	const struct profile *profile = report->profile;
	size_t sets = profile->label_sets.count;

	table->set_values = arena_array(&table->arena, sets + 1, sizeof(int64_t));
	table->is_used = arena_array(&table->arena, sets + 1, 1);
	for (size_t i = 0; i < profile->sample_count; i++) {
		uint32_t set = profile->sample_labels[i];

		table->is_used[set] = 1;
		table->set_values[set] =
			number_add(table->set_values[set],
				   profile_values(profile, i)[report->value_index]);
	}
	for (uint32_t set = 0; set < sets; set++) {
		if (table->is_used[set] != 0)
			add_set(table, report, set);
	}
}

// By key, then by falling |value|, then by text.
static int compare_tags(const void *left, const void *right, void *context)
{
	const struct tag_table *table = context;
	const struct tag *a = left, *b = right;
	const struct str *strings = table->strings.strings;
	uint64_t a_value = (uint64_t)number_abs(a->value);
	uint64_t b_value = (uint64_t)number_abs(b->value);

	if (a->key != b->key)
		return str_compare(strings[a->key], strings[b->key]);
	if (a_value != b_value)
		return a_value > b_value ? -1 : 1;
	return str_compare(strings[a->text], strings[b->text]);
}

// One line of the table: the middle column is aligned right within a key.
struct line {
	struct str middle, text;
};

static struct line tag_line(const struct report *report, const struct tag_table *table,
			    const struct tag *tag, struct arena *arena)
{
	struct str value = report_value(report, arena, tag->value);
	struct measure_percent share = measure_percentage(tag->value, report->total);
	struct line line = { .text = table->strings.strings[tag->text] };

	if (report->total > 0)
		line.middle = str_format(arena, "%.*s (%s):", (int)value.n, value.p,
					 share.text);
	else
		line.middle = str_format(arena, "%.*s:", (int)value.n, value.p);
	return line;
}

static size_t columns(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.n; i++)
		count += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return count;
}

static void print_padded(struct writer *w, struct str text, size_t width)
{
	for (size_t n = columns(text); n < width; n++)
		writer_char(w, ' ');
	writer_str(w, text);
}

static void print_key(const struct report *report, const struct tag_table *table,
		      size_t from, size_t to, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct line *lines = arena_array(&scratch, to - from, sizeof(*lines));
	struct str key = table->strings.strings[table->tags[from].key];
	struct str whole = report_value(report, &scratch, report->total);
	struct measure_percent share;
	struct str sum;
	int64_t total = 0;
	size_t width = 0;

	for (size_t i = from; i < to; i++) {
		struct line *line = &lines[i - from];

		total = number_add(total, table->tags[i].value);
		*line = tag_line(report, table, &table->tags[i], &scratch);
		if (columns(line->middle) > width)
			width = columns(line->middle);
	}
	share = measure_percentage(total, report->total);
	sum = report_value(report, &scratch, total);
	writer_char(w, ' ');
	writer_str(w, key);
	writer_char(w, ':');
	writer_format(w, " Total %.*s of %.*s", (int)sum.n, sum.p, (int)whole.n, whole.p);
	if (report->total > 0)
		writer_format(w, " (%s)", share.text);
	writer_char(w, '\n');
	for (size_t i = 0; i < to - from; i++) {
		print_padded(w, lines[i].middle, columns(key) + 3 + width);
		writer_char(w, ' ');
		writer_str(w, lines[i].text);
		writer_char(w, '\n');
	}
	writer_char(w, '\n');
}

enum { MENU_VALUES_MAX = 500 };

static void write_key(const struct tag_table *table, size_t from, size_t to,
		      struct json *j)
{
	json_object_begin(j);
	json_key_string(j, "key", table->strings.strings[table->tags[from].key]);
	json_key_i64(j, "count", (int64_t)(to - from));
	json_key(j, "values");
	json_array_begin(j);
	for (size_t i = from; i < to && i < from + MENU_VALUES_MAX; i++) {
		json_object_begin(j);
		json_key_string(j, "text", table->strings.strings[table->tags[i].text]);
		json_key_i64(j, "value", table->tags[i].value);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void tag_table_init(struct tag_table *table, const struct report *report)
{
	*table = (struct tag_table){ 0 };
	collect(table, report);
	if (table->count > 0)
		qsort_r(table->tags, table->count, sizeof(*table->tags), compare_tags,
			table);
}

static void tag_table_deinit(struct tag_table *table)
{
	interner_deinit(&table->strings);
	map_deinit(&table->rows);
	free(table->tags);
	arena_deinit(&table->arena);
}

// Where the rows of the key end that stands at `from`.
static size_t end_of_key(const struct tag_table *table, size_t from)
{
	size_t to = from;

	while (to < table->count && table->tags[to].key == table->tags[from].key)
		to++;
	return to;
}

bool tags_render(struct report *report, struct writer *w, struct error *err)
{
	struct tag_table table;

	(void)err;
	tag_table_init(&table, report);
	for (size_t from = 0, to; from < table.count; from = to) {
		to = end_of_key(&table, from);
		print_key(report, &table, from, to, w);
	}
	tag_table_deinit(&table);
	return true;
}

bool tags_render_json(struct report *report, struct writer *w, struct error *err)
{
	struct json j = json_to(w);
	struct tag_table table;

	(void)err;
	tag_table_init(&table, report);
	json_object_begin(&j);
	json_key_string(&j, "type", report->type);
	json_key_string(&j, "unit", report->unit);
	json_key_i64(&j, "total", report->total);
	json_key(&j, "labels");
	json_array_begin(&j);
	for (size_t from = 0, to; from < table.count; from = to) {
		to = end_of_key(&table, from);
		write_key(&table, from, to, &j);
	}
	json_array_end(&j);
	json_object_end(&j);
	tag_table_deinit(&table);
	return true;
}
