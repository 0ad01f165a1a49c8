// One compilation unit's functions, inlined calls and lines as flat arrays.
#include "binary/symbol_unit.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "binary/dwarf.h"

uint64_t symbol_unit_size(const struct symbol_unit *unit)
{
	uint64_t words = (uint64_t)unit->row_count * 3 +
			 (uint64_t)unit->segment_count * 2 +
			 (uint64_t)unit->scope_count * 4 +
			 (uint64_t)unit->function_count * 2 + unit->file_count;

	return sizeof(*unit) + (words + words % 2) * sizeof(uint32_t);
}

struct symbol_unit_view symbol_unit_view(struct symbol_unit *unit)
{
	uint32_t *words = (uint32_t *)(unit + 1);
	struct symbol_unit_view view = { .unit = unit, .row_starts = words };

	view.rows = (void *)(view.row_starts + unit->row_count);
	view.segment_starts = (void *)(view.rows + unit->row_count);
	view.segment_scopes = view.segment_starts + unit->segment_count;
	view.scopes = (void *)(view.segment_scopes + unit->segment_count);
	view.functions = (void *)(view.scopes + unit->scope_count);
	view.files = (void *)(view.functions + unit->function_count);
	return view;
}

// The index of the last start that is at or before the place, or SYMBOL_UNIT_NONE.
static uint32_t find_last(const uint32_t *starts, uint32_t count, uint64_t place)
{
	uint32_t base = 0;

	if (count == 0 || place > UINT32_MAX || starts[0] > place)
		return SYMBOL_UNIT_NONE;
	while (count > 1) {
		uint32_t half = count / 2;

		base += starts[base + half] <= place ? half : 0;
		count -= half;
	}
	return base;
}

uint32_t symbol_unit_find_row(const struct symbol_unit_view *view, uint64_t address)
{
	const struct symbol_unit *unit = view->unit;
	uint32_t row = find_last(view->row_starts, unit->row_count, address - unit->base);

	// Behind the end of a sequence there is a row without a file.
	if (row == SYMBOL_UNIT_NONE || view->rows[row].file == SYMBOL_UNIT_NO_FILE)
		return SYMBOL_UNIT_NONE;
	return row;
}

uint32_t symbol_unit_find_scope(const struct symbol_unit_view *view, uint64_t address)
{
	const struct symbol_unit *unit = view->unit;
	uint32_t segment = find_last(view->segment_starts, unit->segment_count,
				     address - unit->base);

	if (segment == SYMBOL_UNIT_NONE)
		return SYMBOL_UNIT_NONE;
	uint32_t scope = view->segment_scopes[segment];

	return scope < unit->scope_count ? scope : SYMBOL_UNIT_NONE;
}

void symbol_unit_builder_deinit(struct symbol_unit_builder *b)
{
	dwarf_abbrev_cache_deinit(&b->abbrevs);
	symbol_strings_deinit(&b->strings);
	dwarf_scope_deinit(&b->scopes);
	free(b->rows.items);
	free(b->items);
	free(b->spare);
	free(b->slots);
	free(b->entries);
	free(b->file_numbers);
	free(b->draft.row_starts);
	free(b->draft.rows);
	free(b->draft.segment_starts);
	free(b->draft.segment_scopes);
	free(b->draft.scopes);
	free(b->draft.functions);
	free(b->draft.files);
	*b = (struct symbol_unit_builder){ 0 };
}

static void reserve_draft(struct symbol_unit_builder *b)
{
	struct symbol_unit_view *d = &b->draft;
	size_t rows = b->rows.count, segments = 2 * b->scopes.range_count;
	size_t scopes = b->scopes.count, *capacity = b->capacities;

	d->row_starts = table_reserve(d->row_starts, &capacity[0], rows, 4);
	d->rows = table_reserve(d->rows, &capacity[1], rows, sizeof(*d->rows));
	d->segment_starts = table_reserve(d->segment_starts, &capacity[2], segments, 4);
	d->segment_scopes = table_reserve(d->segment_scopes, &capacity[3], segments, 4);
	d->scopes = table_reserve(d->scopes, &capacity[4], scopes, sizeof(*d->scopes));
	d->functions =
		table_reserve(d->functions, &capacity[5], scopes, sizeof(*d->functions));
	b->entries = table_reserve(b->entries, &b->entry_capacity, scopes,
				   sizeof(*b->entries));
}

static void reserve_items(struct symbol_unit_builder *b, size_t count)
{
	b->items = table_reserve(b->items, &b->item_capacity, count, sizeof(*b->items));
	b->spare = table_reserve(b->spare, &b->spare_capacity, count, sizeof(*b->spare));
}

// Everything is relative to the lowest address of the unit; what is out of 32 bits' reach
// from there is left out.
static uint64_t lowest_address(struct symbol_unit_builder *b,
			       const struct dwarf_unit *unit)
{
	struct dwarf_ranges ranges = dwarf_ranges_of_unit(b->dwarf, unit, &b->budget);
	uint64_t low, high, lowest = UINT64_MAX;

	while (dwarf_ranges_next(&ranges, &low, &high))
		if (low < lowest)
			lowest = low;
	if (lowest != UINT64_MAX)
		return lowest;
	for (size_t i = 0; i < b->scopes.range_count; i++)
		if (b->scopes.ranges[i].low < lowest)
			lowest = b->scopes.ranges[i].low;
	for (size_t i = 0; i < b->rows.count && b->scopes.range_count == 0; i++)
		if (b->rows.items[i].address < lowest)
			lowest = b->rows.items[i].address;
	return lowest;
}

// The unit's own number of a file of the line program.
static uint16_t unit_file(struct symbol_unit_builder *b,
			  const struct dwarf_line_table *table, uint64_t number)
{
	struct dwarf_path path;

	if (number >= table->file_count)
		return SYMBOL_UNIT_NO_FILE;
	if (b->file_numbers[number] != SYMBOL_UNIT_NO_FILE)
		return b->file_numbers[number];
	if (b->head.file_count == SYMBOL_UNIT_NO_FILE ||
	    !dwarf_line_path(table, number, &path))
		return SYMBOL_UNIT_NO_FILE;
	b->draft.files = table_reserve(b->draft.files, &b->capacities[6],
				       b->head.file_count + 1u, sizeof(uint32_t));
	b->draft.files[b->head.file_count] = symbol_strings_add_path(&b->strings, &path);
	b->file_numbers[number] = (uint16_t)b->head.file_count++;
	return b->file_numbers[number];
}

static uint16_t narrow_column(uint32_t column)
{
	return column > UINT16_MAX ? 0 : (uint16_t)column;
}

static bool is_same_row(const struct symbol_unit_row *a, const struct symbol_unit_row *b)
{
	return a->line == b->line && a->file == b->file && a->column == b->column;
}

static void add_row(struct symbol_unit_builder *b, uint32_t start,
		    struct symbol_unit_row row)
{
	uint32_t count = b->head.row_count;

	if (count > 0 && b->draft.row_starts[count - 1] == start)
		count--;
	if (count > 0 && is_same_row(&b->draft.rows[count - 1], &row)) {
		b->head.row_count = count;
		return;
	}
	b->draft.row_starts[count] = start;
	b->draft.rows[count] = row;
	b->head.row_count = count + 1;
}

// Orders the rows of all sequences by address. Where one sequence ends at the start of
// another, its end comes first and is overwritten.
static size_t sort_rows(struct symbol_unit_builder *b)
{
	size_t count = 0;

	reserve_items(b, b->rows.count);
	for (size_t i = 0; i < b->rows.count; i++) {
		const struct dwarf_row *row = &b->rows.items[i];
		uint64_t start = row->address - b->head.base;

		if (start <= UINT32_MAX && row->address >= b->head.base)
			b->items[count++] =
				(struct radix_item){ start << 1 | (row->is_end ? 0 : 1),
						     (uint32_t)i };
	}
	radix_sort(b->items, b->spare, count);
	return count;
}

static void build_rows(struct symbol_unit_builder *b,
		       const struct dwarf_line_table *table)
{
	size_t count = sort_rows(b);

	for (size_t i = 0; i < count; i++) {
		const struct dwarf_row *row = &b->rows.items[b->items[i].value];
		struct symbol_unit_row narrow = { 0, SYMBOL_UNIT_NO_FILE, 0 };

		if (!row->is_end)
			narrow = (struct symbol_unit_row){ row->line,
							   unit_file(b, table, row->file),
							   narrow_column(row->column) };
		add_row(b, (uint32_t)(b->items[i].key >> 1), narrow);
	}
}

static void add_segment(struct symbol_unit_builder *b, uint64_t start, uint32_t scope)
{
	struct symbol_unit_view *d = &b->draft;
	uint32_t count = b->head.segment_count;

	if (count > 0 && d->segment_starts[count - 1] == start)
		count--;
	if (count == 0 || d->segment_scopes[count - 1] != scope) {
		d->segment_starts[count] = (uint32_t)start;
		d->segment_scopes[count++] = scope;
	}
	b->head.segment_count = count;
}

// Orders ranges so that those that enclose others come before them.
static size_t sort_ranges(struct symbol_unit_builder *b)
{
	size_t count = 0;

	reserve_items(b, b->scopes.range_count);
	for (size_t i = 0; i < b->scopes.range_count; i++) {
		const struct dwarf_scope_range *range = &b->scopes.ranges[i];
		uint64_t low = range->low - b->head.base;
		uint64_t high = range->high - b->head.base;

		if (range->low >= b->head.base && high < UINT32_MAX)
			b->items[count++] = (struct radix_item){
				low << 32 | (UINT32_MAX - (uint32_t)high), (uint32_t)i
			};
	}
	radix_sort(b->items, b->spare, count);
	return count;
}

// Closes the open ranges that end at or before `place`.
static size_t close_ranges(struct symbol_unit_builder *b, size_t depth, uint64_t place)
{
	const struct radix_item *open = b->spare;

	while (depth > 0 && open[depth - 1].key <= place) {
		uint64_t end = open[--depth].key;

		// Ranges that end beyond the one around them take it with them.
		while (depth > 0 && open[depth - 1].key <= end)
			depth--;
		add_segment(b, end, depth > 0 ? open[depth - 1].value : SYMBOL_UNIT_NONE);
	}
	return depth;
}

static void build_segments(struct symbol_unit_builder *b)
{
	size_t count = sort_ranges(b), depth = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t low = b->items[i].key >> 32;
		uint64_t high = UINT32_MAX - (uint32_t)b->items[i].key;
		uint32_t scope = b->scopes.ranges[b->items[i].value].scope;

		depth = close_ranges(b, depth, low);
		add_segment(b, low, scope);
		b->spare[depth++] = (struct radix_item){ high, scope };
	}
	close_ranges(b, depth, UINT32_MAX);
}

static void clear_slots(struct symbol_unit_builder *b)
{
	size_t wanted = 16;

	while (wanted < 2 * b->scopes.count)
		wanted *= 2;
	b->slots = table_reserve(b->slots, &b->slot_capacity, wanted, sizeof(*b->slots));
	b->slot_mask = wanted - 1;
	memset(b->slots, 0, wanted * sizeof(*b->slots));
}

// The unit's own number of the function an entry leads to.
static uint32_t unit_function(struct symbol_unit_builder *b, uint64_t entry)
{
	size_t slot = hash_u64(entry) & b->slot_mask;
	uint32_t index = b->head.function_count;

	while (b->slots[slot] != 0) {
		if (b->entries[b->slots[slot] - 1] == entry)
			return b->slots[slot] - 1;
		slot = (slot + 1) & b->slot_mask;
	}
	struct dwarf_function function =
		dwarf_scope_function(entry, b->dwarf, &b->abbrevs);

	b->draft.functions[index] = (struct symbol_unit_function){
		symbol_strings_add(&b->strings, function.name), function.line
	};
	b->entries[index] = entry;
	b->slots[slot] = ++b->head.function_count;
	return index;
}

static void build_scopes(struct symbol_unit_builder *b,
			 const struct dwarf_line_table *table)
{
	clear_slots(b);
	for (size_t i = 0; i < b->scopes.count; i++) {
		const struct dwarf_scope *scope = &b->scopes.items[i];

		b->draft.scopes[i] = (struct symbol_unit_scope){
			.parent = scope->parent,
			.function = unit_function(b, scope->function),
			.call_line = scope->call_line,
			.call_file = unit_file(b, table, scope->call_file),
			.call_column = narrow_column(scope->call_column),
		};
	}
	b->head.scope_count = (uint32_t)b->scopes.count;
}

static void reset_files(struct symbol_unit_builder *b, size_t count)
{
	b->file_numbers = table_reserve(b->file_numbers, &b->file_capacity, count,
					sizeof(*b->file_numbers));
	memset(b->file_numbers, 0xff, count * sizeof(*b->file_numbers));
}

static void *append(void *out, const void *items, size_t size)
{
	if (size > 0)
		memcpy(out, items, size);
	return (char *)out + size;
}

static struct symbol_unit *flatten(const struct symbol_unit_builder *b)
{
	const struct symbol_unit *head = &b->head;
	const struct symbol_unit_view *d = &b->draft;
	uint64_t size = symbol_unit_size(head);
	struct symbol_unit *unit = calloc(1, size);
	void *out = unit + 1;

	if (unit == NULL)
		arena_out_of_memory(size);
	*unit = *head;
	out = append(out, d->row_starts, head->row_count * sizeof(*d->row_starts));
	out = append(out, d->rows, head->row_count * sizeof(*d->rows));
	out = append(out, d->segment_starts, head->segment_count * sizeof(uint32_t));
	out = append(out, d->segment_scopes, head->segment_count * sizeof(uint32_t));
	out = append(out, d->scopes, head->scope_count * sizeof(*d->scopes));
	out = append(out, d->functions, head->function_count * sizeof(*d->functions));
	(void)append(out, d->files, head->file_count * sizeof(*d->files));
	return unit;
}

// Units may share a line program, which then is run for each of them: a hostile file is
// stopped by the budget.
static void read_lines(struct symbol_unit_builder *b, struct dwarf_line_table *table,
		       const struct dwarf_unit *unit)
{
	b->rows.count = 0;
	if (!dwarf_line_init(table, b->dwarf, unit))
		return;
	size_t size = reader_left(&table->program);

	if (size > b->line_budget)
		return;
	b->line_budget -= size;
	dwarf_line_run(table, &b->rows);
}

struct symbol_unit *symbol_unit_build(struct symbol_unit_builder *b, size_t index)
{
	const struct dwarf_unit *unit = &b->dwarf->units[index];
	struct dwarf_line_table table;

	dwarf_scope_read(&b->scopes, b->dwarf, unit, &b->abbrevs, &b->budget);
	read_lines(b, &table, unit);
	b->head = (struct symbol_unit){ .base = lowest_address(b, unit) };
	reserve_draft(b);
	reset_files(b, table.file_count);
	build_rows(b, &table);
	build_segments(b);
	build_scopes(b, &table);
	dwarf_line_deinit(&table);
	return flatten(b);
}
