// Each row of a source is looked up once and remembered; samples then need two lookups.
#include "profile/merge_rows.h"

#include <stdlib.h>

#include "profile/tables.h"

void merge_rows_init(struct merge_rows *rows, struct profile *out)
{
	*rows = (struct merge_rows){ .out = out };
	// Row 0 is there already.
	tables_index_labels(&rows->label_sets, &out->label_sets);
}

static void free_memo(struct merge_memo *memo)
{
	free(memo->strings);
	free(memo->mappings);
	free(memo->functions);
	free(memo->locations);
	free(memo->stacks);
	free(memo->label_sets);
	*memo = (struct merge_memo){ 0 };
}

void merge_rows_deinit(struct merge_rows *rows)
{
	fold_deinit(&rows->mappings);
	fold_deinit(&rows->functions);
	fold_deinit(&rows->locations);
	fold_deinit(&rows->stacks);
	fold_deinit(&rows->label_sets);
	map_deinit(&rows->samples);
	free_memo(&rows->memo);
	free(rows->stack);
	free(rows->labels);
	free(rows->lines);
	*rows = (struct merge_rows){ 0 };
}

static uint32_t *none_yet(size_t count)
{
	size_t capacity = 0;
	uint32_t *rows = table_reserve(NULL, &capacity, count + 1, sizeof(*rows));

	memset(rows, 0xff, (count + 1) * sizeof(*rows));
	return rows;
}

uint32_t merge_rows_string(struct merge_rows *rows, uint32_t id)
{
	uint32_t *row = &rows->memo.strings[id];

	if (*row == PROFILE_NONE)
		*row = profile_intern(rows->out, profile_string(rows->source, id));
	return *row;
}

// Loaded anywhere, and of sizes that differ by less than a page.
struct mapping_key {
	uint64_t size, offset;
	uint32_t identity; // build id, else file
};

static struct mapping_key mapping_key(const struct profile_mapping *mapping)
{
	const uint64_t page_size = 4096;
	uint64_t size = mapping->limit - mapping->start + page_size - 1;

	return (struct mapping_key){
		.size = size - size % page_size,
		.offset = mapping->offset,
		.identity = mapping->build_id != 0 ? mapping->build_id : mapping->file,
	};
}

static uint32_t fold_mapping(struct merge_rows *rows, struct profile_mapping mapping)
{
	struct profile *out = rows->out;
	struct mapping_key key = mapping_key(&mapping);
	uint64_t hash = hash_mix(hash_mix(key.size, key.offset), key.identity);
	size_t slot;
	uint32_t row;

	fold_reserve(&rows->mappings, 1);
	slot = fold_start(&rows->mappings, hash);
	while ((row = fold_next(&rows->mappings, hash, &slot)) != FOLD_NONE) {
		struct mapping_key other = mapping_key(&out->mappings[row]);

		if (key.size == other.size && key.offset == other.offset &&
		    key.identity == other.identity)
			return row;
	}
	tables_reserve_mappings(out, 1);
	row = (uint32_t)out->mapping_count++;
	mapping.id = row + 1;
	out->mappings[row] = mapping;
	fold_add(&rows->mappings, hash, slot, row);
	return row;
}

static uint32_t put_mapping(struct merge_rows *rows, uint32_t source_row)
{
	struct profile_mapping mapping;
	uint32_t *row;

	if (source_row == PROFILE_NONE)
		return PROFILE_NONE;
	row = &rows->memo.mappings[source_row];
	if (*row != PROFILE_NONE)
		return *row;
	mapping = rows->source->mappings[source_row];
	mapping.file = merge_rows_string(rows, mapping.file);
	mapping.build_id = merge_rows_string(rows, mapping.build_id);
	*row = fold_mapping(rows, mapping);
	return *row;
}

static uint32_t fold_function(struct merge_rows *rows, struct profile_function function)
{
	struct profile *out = rows->out;
	uint64_t hash =
		hash_mix(hash_mix((uint64_t)function.name << 32 | function.system_name,
				  (uint64_t)function.filename),
			 (uint64_t)function.start_line);
	size_t slot;
	uint32_t row;

	fold_reserve(&rows->functions, 1);
	slot = fold_start(&rows->functions, hash);
	while ((row = fold_next(&rows->functions, hash, &slot)) != FOLD_NONE) {
		const struct profile_function *other = &out->functions[row];

		if (function.name == other->name &&
		    function.system_name == other->system_name &&
		    function.filename == other->filename &&
		    function.start_line == other->start_line)
			return row;
	}
	tables_reserve_functions(out, 1);
	row = (uint32_t)out->function_count++;
	function.id = row + 1;
	out->functions[row] = function;
	fold_add(&rows->functions, hash, slot, row);
	return row;
}

static uint32_t put_function(struct merge_rows *rows, uint32_t source_row)
{
	struct profile_function function;
	uint32_t *row;

	if (source_row == PROFILE_NONE)
		return PROFILE_NONE;
	row = &rows->memo.functions[source_row];
	if (*row != PROFILE_NONE)
		return *row;
	function = rows->source->functions[source_row];
	function.name = merge_rows_string(rows, function.name);
	function.system_name = merge_rows_string(rows, function.system_name);
	function.filename = merge_rows_string(rows, function.filename);
	*row = fold_function(rows, function);
	return *row;
}

static uint64_t hash_location(const struct profile_location *location,
			      const struct profile_line *lines)
{
	uint64_t hash = hash_mix((uint64_t)location->mapping << 1 | location->is_folded,
				 location->address);

	for (uint32_t i = 0; i < location->line_count; i++) {
		hash = hash_mix(hash ^ lines[i].function, (uint64_t)lines[i].line);
		hash = hash_mix(hash, (uint64_t)lines[i].column);
	}
	return hash;
}

static bool is_same_location(const struct profile *out, const struct profile_location *a,
			     const struct profile_line *a_lines,
			     const struct profile_location *b)
{
	const struct profile_line *b_lines = out->lines + b->first_line;

	if (a->mapping != b->mapping || a->address != b->address ||
	    a->is_folded != b->is_folded || a->line_count != b->line_count)
		return false;
	for (uint32_t i = 0; i < a->line_count; i++) {
		if (a_lines[i].function != b_lines[i].function ||
		    a_lines[i].line != b_lines[i].line ||
		    a_lines[i].column != b_lines[i].column)
			return false;
	}
	return true;
}

static uint32_t append_location(struct profile *out, struct profile_location location,
				const struct profile_line *lines)
{
	uint32_t row = (uint32_t)out->location_count;

	tables_reserve_locations(out, 1);
	tables_reserve_lines(out, location.line_count);
	location.id = row + 1;
	location.first_line = (uint32_t)out->line_count;
	if (location.line_count > 0)
		memcpy(out->lines + out->line_count, lines,
		       location.line_count * sizeof(*lines));
	out->line_count += location.line_count;
	out->locations[out->location_count++] = location;
	return row;
}

static uint32_t fold_location(struct merge_rows *rows, struct profile_location location,
			      const struct profile_line *lines)
{
	uint64_t hash = hash_location(&location, lines);
	size_t slot;
	uint32_t row;

	fold_reserve(&rows->locations, 1);
	slot = fold_start(&rows->locations, hash);
	while ((row = fold_next(&rows->locations, hash, &slot)) != FOLD_NONE) {
		if (is_same_location(rows->out, &location, lines,
				     &rows->out->locations[row]))
			return row;
	}
	row = append_location(rows->out, location, lines);
	fold_add(&rows->locations, hash, slot, row);
	return row;
}

static uint32_t put_location(struct merge_rows *rows, uint32_t source_row)
{
	const struct profile *source = rows->source;
	struct profile_location location = source->locations[source_row];
	uint32_t *row = &rows->memo.locations[source_row];
	uint32_t mapping = location.mapping;

	if (*row != PROFILE_NONE)
		return *row;
	location.mapping = put_mapping(rows, mapping);
	if (mapping != PROFILE_NONE)
		location.address += rows->out->mappings[location.mapping].start -
				    source->mappings[mapping].start;
	rows->lines = table_reserve(rows->lines, &rows->line_capacity,
				    location.line_count, sizeof(*rows->lines));
	for (uint32_t i = 0; i < location.line_count; i++) {
		rows->lines[i] = source->lines[location.first_line + i];
		rows->lines[i].function = put_function(rows, rows->lines[i].function);
	}
	*row = fold_location(rows, location, rows->lines);
	return *row;
}

static uint32_t put_stack(struct merge_rows *rows, uint32_t source_row)
{
	struct profile_stack_view stack = profile_stack(rows->source, source_row);
	uint32_t *row = &rows->memo.stacks[source_row];

	if (*row != PROFILE_NONE)
		return *row;
	rows->stack = table_reserve(rows->stack, &rows->stack_capacity, stack.count,
				    sizeof(*rows->stack));
	for (size_t i = 0; i < stack.count; i++)
		rows->stack[i] = put_location(rows, stack.locations[i]);
	*row = tables_fold_stack(&rows->out->stacks, &rows->stacks,
				 tables_hash_stack(rows->stack, stack.count), rows->stack,
				 stack.count);
	return *row;
}

// String labels before numeric ones, each by key; labels of one key keep their order.
static bool is_label_after(const struct profile *profile, const struct profile_label *a,
			   const struct profile_label *b)
{
	if ((a->string == 0) != (b->string == 0))
		return a->string == 0;
	return a->key != b->key && str_compare(profile_string(profile, a->key),
					       profile_string(profile, b->key)) > 0;
}

static void insert_label(struct merge_rows *rows, size_t count,
			 struct profile_label label)
{
	size_t at = count;

	for (; at > 0 && is_label_after(rows->out, &rows->labels[at - 1], &label); at--)
		rows->labels[at] = rows->labels[at - 1];
	rows->labels[at] = label;
}

static uint32_t put_labels(struct merge_rows *rows, uint32_t source_row)
{
	struct profile_labels_view list = profile_labels(rows->source, source_row);
	uint32_t *row = &rows->memo.label_sets[source_row];

	if (*row != PROFILE_NONE)
		return *row;
	rows->labels = table_reserve(rows->labels, &rows->label_capacity, list.count,
				     sizeof(*rows->labels));
	for (size_t i = 0; i < list.count; i++) {
		struct profile_label label = list.labels[i];

		label.key = merge_rows_string(rows, label.key);
		label.string = merge_rows_string(rows, label.string);
		label.unit = merge_rows_string(rows, label.unit);
		insert_label(rows, i, label);
	}
	*row = tables_fold_labels(&rows->out->label_sets, &rows->label_sets,
				  tables_hash_labels(rows->labels, list.count),
				  rows->labels, list.count);
	return *row;
}

static void put_sample(struct merge_rows *rows, size_t source_row)
{
	const struct profile *source = rows->source;
	struct profile *out = rows->out;
	uint32_t stack = put_stack(rows, source->sample_stacks[source_row]);
	uint32_t labels = put_labels(rows, source->sample_labels[source_row]);
	uint32_t *row = map_put(&rows->samples, (uint64_t)stack << 32 | labels);
	const int64_t *values = profile_values(source, source_row);
	int64_t *sums;

	if (*row == MAP_NONE) {
		tables_reserve_samples(out, 1);
		*row = (uint32_t)out->sample_count++;
		out->sample_stacks[*row] = stack;
		out->sample_labels[*row] = labels;
		memset(out->sample_values + *row * out->type_count, 0,
		       out->type_count * sizeof(*values));
	}
	sums = out->sample_values + *row * out->type_count;
	for (size_t i = 0; i < out->type_count; i++)
		sums[i] = (int64_t)((uint64_t)sums[i] + (uint64_t)values[i]);
}

static bool is_zero(const struct profile *profile, size_t sample)
{
	const int64_t *values = profile_values(profile, sample);

	for (size_t i = 0; i < profile->type_count; i++) {
		if (values[i] != 0)
			return false;
	}
	return true;
}

void merge_rows_add(struct merge_rows *rows, const struct profile *source)
{
	free_memo(&rows->memo);
	rows->source = source;
	rows->memo = (struct merge_memo){
		.strings = none_yet(source->strings.count),
		.mappings = none_yet(source->mapping_count),
		.functions = none_yet(source->function_count),
		.locations = none_yet(source->location_count),
		.stacks = none_yet(source->stacks.count),
		.label_sets = none_yet(source->label_sets.count),
	};
	if (rows->out->mapping_count == 0 && source->mapping_count > 0)
		(void)put_mapping(rows, 0);
	for (size_t i = 0; i < source->sample_count; i++) {
		if (!is_zero(source, i))
			put_sample(rows, i);
	}
}
