// Sums stacks by source line, and reads the text around those lines.
#include "report/flame_sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/map.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/flame.h"
#include "report/flame_numbers.h"
#include "report/flame_stacks.h"
#include "report/number.h"
#include "report/options.h"
#include "report/source_lines.h"

// A page of a large profile has about a megabyte without source.
enum { BUDGET_BYTES = 512 << 10, LINE_BYTES_MAX = 400 };

enum { ROUTINE_BYTES = 60, FILE_BYTES = 24 }; // what JSON takes around their contents

enum { MARGIN = 5 }; // lines shown around those that weigh something

struct source_row {
	uint32_t frame, file; // file: of the profile's strings
	int64_t line;
};

// Rows [from, to) of one function in one file.
struct routine {
	size_t from, to;
	uint64_t weight;
};

struct source_file {
	struct str path, reason; // reason: why it is not open
	struct source_lines lines;
	bool is_open;
};

struct flame_sources {
	const struct flame *flame;
	const struct report_options *options;
	const uint32_t *frame_numbers;
	struct json *j;
	struct map functions; // frame and file -> a number
	struct map row_of;    // that and line -> row
	struct source_row *rows;
	int64_t *values;           // by row: flat, then cum, of each column
	uint32_t *seen;            // by row: the last stack that it was met in, plus one
	uint32_t *order;           // of rows, by frame, file and line
	uint32_t *rows_of_entries; // by entry of flame_frames' list
	size_t row_count, row_capacity, value_capacity, seen_capacity;
	struct map file_of; // string -> row of files
	struct source_file *files;
	size_t file_count, file_capacity;
	size_t spent; // bytes of the page, about
	struct arena arena;
};

static uint32_t row_of(struct flame_sources *sources, const struct source_row *wanted)
{
	uint64_t pair = (uint64_t)wanted->frame << 32 | wanted->file;
	uint32_t *function = map_put(&sources->functions, pair), *row;
	size_t columns = 2 * sources->flame->type_count;

	if (*function == MAP_NONE)
		*function = (uint32_t)sources->functions.count;
	row = map_put(&sources->row_of,
		      (uint64_t)*function << 32 | (uint32_t)wanted->line);
	if (*row != MAP_NONE)
		return *row;
	*row = (uint32_t)sources->row_count++;
	sources->rows = table_reserve(sources->rows, &sources->row_capacity,
				      sources->row_count, sizeof(*wanted));
	sources->values =
		table_reserve(sources->values, &sources->value_capacity,
			      sources->row_count * columns, sizeof(*sources->values));
	sources->seen = table_reserve(sources->seen, &sources->seen_capacity,
				      sources->row_count, sizeof(*sources->seen));
	sources->rows[*row] = *wanted;
	sources->seen[*row] = 0;
	memset(sources->values + *row * columns, 0, columns * sizeof(*sources->values));
	return *row;
}

// MAP_NONE where the line is not known, or its function not in the page.
static uint32_t row_of_line(struct flame_sources *sources, uint32_t frame,
			    const struct profile_line *line)
{
	const struct profile *profile = sources->flame->profile;

	if (line->function == PROFILE_NONE || line->line < 0 || line->line > INT32_MAX ||
	    sources->frame_numbers[frame] == UINT32_MAX)
		return MAP_NONE;
	return row_of(sources, &(struct source_row){
				       frame, profile->functions[line->function].filename,
				       line->line });
}

// Frames stand from the root, lines innermost first.
static void find_rows_of(struct flame_sources *sources, uint32_t location_row)
{
	const struct profile *profile = sources->flame->profile;
	const struct flame_frames *frames = &sources->flame->stacks->frames;
	const struct profile_location *location = &profile->locations[location_row];
	uint32_t first = frames->first[location_row];
	uint32_t last_line = location->first_line + location->line_count - 1;

	for (uint32_t at = first; at < frames->first[location_row + 1]; at++) {
		uint32_t frame = flame_frames_row(frames->list[at]);
		uint32_t row = MAP_NONE;

		if (location->line_count > 0)
			row = row_of_line(sources, frame,
					  &profile->lines[last_line - (at - first)]);
		sources->rows_of_entries[at] = row;
	}
}

static void find_rows(struct flame_sources *sources)
{
	size_t count = sources->flame->profile->location_count;

	sources->rows_of_entries =
		table_zeroed(sources->flame->stacks->frames.first[count] + 1,
			     sizeof(*sources->rows_of_entries));
	for (uint32_t i = 0; i < count; i++)
		find_rows_of(sources, i);
}

static void add(int64_t *values, const int64_t *sums, size_t types)
{
	for (size_t t = 0; t < types; t++)
		values[t] = flame_stacks_add(values[t], sums[t]);
}

static void add_stack(struct flame_sources *sources, uint32_t stack)
{
	const struct flame_stacks *stacks = sources->flame->stacks;
	const int64_t *sums = flame_stacks_sums(stacks, stack);
	size_t types = sources->flame->type_count;
	uint32_t row = MAP_NONE;

	for (struct flame_cursor cursor = flame_stacks_root(stacks, stack);
	     cursor.left > 0; flame_stacks_advance(stacks, &cursor)) {
		row = sources->rows_of_entries[flame_stacks_entry(stacks, &cursor)];
		if (row == MAP_NONE || sources->seen[row] == stack + 1)
			continue;
		sources->seen[row] = stack + 1;
		add(sources->values + (2 * row + 1) * types, sums, types);
	}
	if (row != MAP_NONE)
		add(sources->values + 2 * row * types, sums, types);
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct flame_sources *sources = context;
	const struct source_row *x = &sources->rows[*(const uint32_t *)a];
	const struct source_row *y = &sources->rows[*(const uint32_t *)b];

	if (x->frame != y->frame)
		return x->frame < y->frame ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

// Heaviest first, equal ones in the order of their rows.
static int compare_routines(const void *a, const void *b)
{
	const struct routine *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static const struct source_row *row_at(const struct flame_sources *sources, size_t i)
{
	return &sources->rows[sources->order[i]];
}

static size_t find_routines(struct flame_sources *sources, struct routine *routines)
{
	const struct flame *flame = sources->flame;
	size_t count = 0;

	for (size_t i = 0; i < sources->row_count; i++) {
		const struct source_row *row = row_at(sources, i);
		size_t at = row->frame * flame->type_count + flame->type;

		if (i == 0 || row->frame != row_at(sources, i - 1)->frame ||
		    row->file != row_at(sources, i - 1)->file)
			routines[count++] = (struct routine){
				.from = i,
				.weight = (uint64_t)number_abs(flame->cum[at]),
			};
		routines[count - 1].to = i + 1;
	}
	if (count > 0)
		qsort(routines, count, sizeof(*routines), compare_routines);
	return count;
}

static void open_file(struct flame_sources *sources, struct source_file *file)
{
	const struct report_options *options = sources->options;
	struct error err;

	if (file->path.n == 0)
		file->reason = STR("the file of this function is not known");
	else if (source_lines_open(&file->lines, file->path, options->source_path,
				   options->trim_path, &err))
		file->is_open = true;
	else
		file->reason = str_copy(&sources->arena, str_from(err.text));
	sources->spent += file->path.n + file->reason.n + FILE_BYTES;
}

static uint32_t file_of(struct flame_sources *sources, uint32_t name)
{
	uint32_t *row = map_put(&sources->file_of, name);

	if (*row == MAP_NONE) {
		*row = (uint32_t)sources->file_count++;
		sources->files =
			table_reserve(sources->files, &sources->file_capacity,
				      sources->file_count, sizeof(*sources->files));
		sources->files[*row] = (struct source_file){
			.path = profile_string(sources->flame->profile, name),
		};
		open_file(sources, &sources->files[*row]);
	}
	return *row;
}

static void begin_span(struct json *j, int64_t first)
{
	json_object_begin(j);
	json_key_i64(j, "first", first);
	json_key(j, "lines");
	json_array_begin(j);
}

static void end_span(struct json *j)
{
	json_array_end(j);
	json_object_end(j);
}

// Lines that weigh nothing are left out where they are far from those that do.
static void write_spans(struct flame_sources *sources, const struct routine *routine,
			const struct source_lines *lines)
{
	struct json *j = sources->j;
	int64_t next = 1; // the first line that was not written yet
	struct str text;

	for (size_t i = routine->from; i < routine->to; i++) {
		int64_t line = row_at(sources, i)->line;
		int64_t at = line - MARGIN > next ? line - MARGIN : next;

		if (i > routine->from && at > next)
			end_span(j);
		if (i == routine->from || at > next)
			begin_span(j, at);
		for (; at <= line + MARGIN && source_lines_get(lines, at, &text); at++) {
			text = str_slice(text, 0, LINE_BYTES_MAX);
			json_string(j, text);
			sources->spent += text.n + 3;
		}
		next = at;
	}
	end_span(j);
}

static void write_weights(struct flame_sources *sources, const struct routine *routine)
{
	const struct flame *flame = sources->flame;
	struct json *j = sources->j;
	int64_t before = 0;

	json_key_i64(j, "count", (int64_t)(routine->to - routine->from));
	json_key(j, "weights");
	writer_char(j->w, '"');
	for (size_t i = routine->from; i < routine->to; i++) {
		const int64_t *values =
			sources->values + 2 * sources->order[i] * flame->type_count;

		flame_numbers_write(j->w, (uint64_t)(row_at(sources, i)->line - before));
		flame_numbers_write_values(j->w, flame, values);
		flame_numbers_write_values(j->w, flame, values + flame->type_count);
		before = row_at(sources, i)->line;
		sources->spent += 1 + 4 * flame->type_count;
	}
	writer_char(j->w, '"');
	j->needs_comma = true;
}

static void write_routine(struct flame_sources *sources, const struct routine *routine)
{
	const struct source_row *row = row_at(sources, routine->from);
	uint32_t file = file_of(sources, row->file);
	struct json *j = sources->j;

	json_object_begin(j);
	json_key_i64(j, "frame", sources->frame_numbers[row->frame]);
	json_key_i64(j, "file", file);
	if (sources->files[file].is_open) {
		json_key(j, "spans");
		json_array_begin(j);
		write_spans(sources, routine, &sources->files[file].lines);
		json_array_end(j);
	}
	write_weights(sources, routine);
	json_object_end(j);
	sources->spent += ROUTINE_BYTES;
}

// Returns how many there was no room for.
static size_t write_routines(struct flame_sources *sources)
{
	CLEANUP_FREE struct routine *routines =
		table_zeroed(sources->row_count + 1, sizeof(*routines));
	size_t count = find_routines(sources, routines), i = 0;

	json_key(sources->j, "functions");
	json_array_begin(sources->j);
	for (; i < count && sources->spent < BUDGET_BYTES; i++)
		write_routine(sources, &routines[i]);
	json_array_end(sources->j);
	return count - i;
}

static void write_files(const struct flame_sources *sources)
{
	struct json *j = sources->j;

	json_key(j, "files");
	json_array_begin(j);
	for (size_t i = 0; i < sources->file_count; i++) {
		json_object_begin(j);
		json_key_string(j, "path", sources->files[i].path);
		json_key_string(j, "reason", sources->files[i].reason);
		json_object_end(j);
	}
	json_array_end(j);
}

static void sum(struct flame_sources *sources)
{
	const struct flame_stacks *stacks = sources->flame->stacks;

	find_rows(sources);
	for (uint32_t i = 0; i < stacks->profile->stacks.count; i++) {
		if (stacks->samples[i] > 0)
			add_stack(sources, i);
	}
	sources->order = table_zeroed(sources->row_count + 1, sizeof(*sources->order));
	for (uint32_t i = 0; i < sources->row_count; i++)
		sources->order[i] = i;
	if (sources->row_count > 0)
		qsort_r(sources->order, sources->row_count, sizeof(*sources->order),
			compare_rows, sources);
}

static void flame_sources_deinit(struct flame_sources *sources)
{
	for (size_t i = 0; i < sources->file_count; i++) {
		if (sources->files[i].is_open)
			source_lines_close(&sources->files[i].lines);
	}
	map_deinit(&sources->functions);
	map_deinit(&sources->row_of);
	map_deinit(&sources->file_of);
	free(sources->rows);
	free(sources->values);
	free(sources->seen);
	free(sources->order);
	free(sources->rows_of_entries);
	free(sources->files);
	arena_deinit(&sources->arena);
}

void flame_sources_write(const struct flame *flame, const struct report_options *options,
			 const uint32_t *frame_numbers, struct json *j)
{
	struct flame_sources sources = {
		.flame = flame, .options = options, .frame_numbers = frame_numbers, .j = j
	};

	if (options->granularity != GRANULARITY_DEFAULT &&
	    options->granularity != GRANULARITY_FUNCTIONS)
		return;
	sum(&sources);
	json_key(j, "sources");
	json_object_begin(j);
	json_key_i64(j, "left", (int64_t)write_routines(&sources));
	json_key_i64(j, "budget", BUDGET_BYTES);
	write_files(&sources);
	json_object_end(j);
	flame_sources_deinit(&sources);
}
