// Addresses to functions, inlined calls and lines.
#include "binary/symbol_index.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "binary/dwarf.h"
#include "binary/dwarf_constants.h"
#include "binary/elf.h"
#include "binary/index_cache.h"
#include "binary/symbol_build.h"
#include "binary/symbol_unit.h"

// Units overlap rarely and by little; further back than this nobody looks.
enum { OVERLAP_MAX = 64 };

struct symbol_index {
	struct symbol_index_options options;
	struct dwarf dwarf, alt; // read when the first unit is missing
	bool is_dwarf_open;
	struct index_cache cache;
	const struct symbol_range *ranges; // the cache's or own_ranges
	size_t range_count;
	struct symbol_range *own_ranges;
	size_t own_capacity;
	struct symbol_unit **blocks; // by unit, NULL where not read
	bool *is_own;                // the block is malloc'ed, not in the cache
	size_t unit_count;
	struct symbol_pool pool; // names behind those of the cache
	size_t read_count, cached_count;
};

static void add_range(struct symbol_index *index, uint64_t low, uint64_t high,
		      uint32_t unit)
{
	size_t count = index->range_count;

	// Neighbours of one unit are one range.
	if (count > 0 && index->own_ranges[count - 1].unit == unit &&
	    index->own_ranges[count - 1].high == low) {
		index->own_ranges[count - 1].high = high;
		return;
	}
	index->own_ranges = table_reserve(index->own_ranges, &index->own_capacity,
					  count + 1, sizeof(*index->own_ranges));
	index->own_ranges[count] = (struct symbol_range){ low, high, 0, unit, 0 };
	index->range_count++;
}

// Linkers let the dropped copies of a function that many units have describe the one that
// is kept, the first: of equal ranges only the first unit's tells the truth.
static void drop_copies(struct symbol_index *index)
{
	struct symbol_range *ranges = index->own_ranges;
	size_t kept = 0;
	uint64_t reach = 0;

	for (size_t i = 0; i < index->range_count; i++) {
		if (kept > 0 && ranges[kept - 1].low == ranges[i].low &&
		    ranges[kept - 1].high == ranges[i].high)
			continue;
		reach = ranges[i].high > reach ? ranges[i].high : reach;
		ranges[kept] = ranges[i];
		ranges[kept++].reach = reach;
	}
	index->range_count = kept;
}

// By low, then by unit, since they are found in that order and the sort is stable.
static void sort_ranges(struct symbol_index *index)
{
	CLEANUP_FREE struct radix_item *items =
		calloc(2 * index->range_count + 1, sizeof(*items));
	CLEANUP_FREE struct symbol_range *copy =
		calloc(index->range_count + 1, sizeof(*copy));

	if (items == NULL || copy == NULL)
		arena_out_of_memory(index->range_count * sizeof(*copy));
	for (size_t i = 0; i < index->range_count; i++) {
		copy[i] = index->own_ranges[i];
		items[i] = (struct radix_item){ copy[i].low, (uint32_t)i };
	}
	radix_sort(items, items + index->range_count, index->range_count);
	for (size_t i = 0; i < index->range_count; i++)
		index->own_ranges[i] = copy[items[i].value];
}

static void find_ranges(struct symbol_index *index)
{
	struct dwarf_ranges_budget budget = dwarf_ranges_budget_for(&index->dwarf);
	uint64_t low, high;

	for (size_t i = 0; i < index->dwarf.unit_count; i++) {
		const struct dwarf_unit *unit = &index->dwarf.units[i];
		struct dwarf_ranges ranges =
			dwarf_ranges_of_unit(&index->dwarf, unit, &budget);

		while (dwarf_ranges_next(&ranges, &low, &high))
			add_range(index, low, high, (uint32_t)i);
	}
	sort_ranges(index);
	drop_copies(index);
	index->ranges = index->own_ranges;
}

static void forget_cache(struct symbol_index *index)
{
	free(index->blocks);
	free(index->is_own);
	index->blocks = NULL;
	index->is_own = NULL;
	index->range_count = index->unit_count = index->cached_count = 0;
	index_cache_close(&index->cache);
}

// Reads the list of units, once; a cache that does not agree with it is dropped.
static void open_dwarf(struct symbol_index *index)
{
	if (index->is_dwarf_open)
		return;
	index->is_dwarf_open = true;
	if (index->options.alt != NULL)
		dwarf_init(&index->alt, index->options.alt, NULL);
	index->alt.is_alt = true;
	dwarf_init(&index->dwarf, index->options.elf,
		   index->options.alt == NULL ? NULL : &index->alt);
	if (index->cache.view.bytes != NULL &&
	    index->unit_count != index->dwarf.unit_count)
		forget_cache(index);
	if (index->cache.view.bytes == NULL) {
		index->unit_count = index->dwarf.unit_count;
		index->blocks = calloc(index->unit_count + 1, sizeof(*index->blocks));
		index->is_own = calloc(index->unit_count + 1, sizeof(*index->is_own));
		if (index->blocks == NULL || index->is_own == NULL)
			arena_out_of_memory(index->unit_count * sizeof(*index->blocks));
		find_ranges(index);
	}
}

static void use_cache(struct symbol_index *index)
{
	const struct index_cache *cache = &index->cache;

	index->ranges = cache->ranges;
	index->range_count = cache->range_count;
	index->unit_count = cache->unit_count;
	index->blocks = calloc(index->unit_count + 1, sizeof(*index->blocks));
	index->is_own = calloc(index->unit_count + 1, sizeof(*index->is_own));
	if (index->blocks == NULL || index->is_own == NULL)
		arena_out_of_memory(index->unit_count * sizeof(*index->blocks));
	for (size_t i = 0; i < index->unit_count; i++) {
		index->blocks[i] = index_cache_unit(cache, i);
		index->cached_count += index->blocks[i] != NULL;
	}
}

struct symbol_index *symbol_index_open(const struct symbol_index_options *options)
{
	struct symbol_index *index;
	bool has_dwarf = options->elf != NULL &&
			 elf_find_section(options->elf, ".debug_info") != NULL;

	index = calloc(1, sizeof(*index));
	if (index == NULL)
		arena_out_of_memory(sizeof(*index));
	index->options = *options;
	if (options->build_id.n == 0)
		index->options.cache_path = NULL;
	if (index_cache_open(&index->cache, index->options.cache_path,
			     options->build_id)) {
		use_cache(index);
	} else if (has_dwarf) {
		open_dwarf(index);
	} else {
		free(index);
		return NULL;
	}
	return index;
}

static void write_cache(const struct symbol_index *index)
{
	const struct index_cache *cache = &index->cache;
	struct index_cache_contents contents = {
		.ranges = index->ranges,
		.range_count = index->range_count,
		.units = index->blocks,
		.unit_count = index->unit_count,
		.strings = { { cache->strings, cache->string_size },
			     { index->pool.bytes, index->pool.used } },
	};

	if (!index_cache_write(index->options.cache_path, index->options.build_id,
			       &contents))
		log_debug("no symbol cache at %s", index->options.cache_path);
}

void symbol_index_close(struct symbol_index *index)
{
	if (index == NULL)
		return;
	if (index->options.cache_path != NULL && index->read_count > 0)
		write_cache(index);
	for (size_t i = 0; i < index->unit_count; i++)
		if (index->is_own[i])
			free(index->blocks[i]);
	forget_cache(index);
	free(index->own_ranges);
	free(index->pool.bytes);
	dwarf_deinit(&index->dwarf);
	dwarf_deinit(&index->alt);
	free(index);
}

// How many ranges start at or before the address.
static size_t ranges_before(const struct symbol_index *index, uint64_t address)
{
	size_t low = 0, high = index->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->ranges[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// The next range backwards from *at that covers the address, or NULL.
static const struct symbol_range *covering_range(const struct symbol_index *index,
						 uint64_t address, size_t *at,
						 unsigned *steps)
{
	while (*at > 0 && index->ranges[*at - 1].reach > address &&
	       (*steps)++ < OVERLAP_MAX) {
		const struct symbol_range *range = &index->ranges[--*at];

		if (range->high > address && range->unit < index->unit_count)
			return range;
	}
	return NULL;
}

// The units that cover one of the addresses and have no block, each once.
static size_t missing_units(const struct symbol_index *index, const uint64_t *addresses,
			    size_t count, bool *is_listed, uint32_t *units)
{
	const struct symbol_range *range;
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = ranges_before(index, addresses[i]);
		unsigned steps = 0;

		while ((range = covering_range(index, addresses[i], &at, &steps)) !=
		       NULL) {
			if (index->blocks[range->unit] != NULL || is_listed[range->unit])
				continue;
			is_listed[range->unit] = true;
			units[found++] = range->unit;
		}
	}
	return found;
}

void symbol_index_prepare(struct symbol_index *index, const uint64_t *addresses,
			  size_t count)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	bool *is_listed = arena_array(&arena, index->unit_count, sizeof(*is_listed));
	uint32_t *units = arena_array(&arena, index->unit_count, sizeof(*units));
	size_t missing = missing_units(index, addresses, count, is_listed, units);

	if (missing == 0 || index->options.elf == NULL)
		return;
	if (!index->is_dwarf_open) {
		open_dwarf(index);
		symbol_index_prepare(index, addresses, count);
		return;
	}
	symbol_build(&index->dwarf, units, missing, index->options.threads, index->blocks,
		     &index->pool, (uint32_t)index->cache.string_size);
	for (size_t i = 0; i < missing; i++)
		index->is_own[units[i]] = true;
	index->read_count += missing;
}

static struct str string_at(const struct symbol_index *index, uint32_t offset)
{
	size_t cached = index->cache.string_size;

	if (offset < cached)
		return symbol_strings_text(index->cache.strings, cached, offset);
	return symbol_strings_text(index->pool.bytes, index->pool.used,
				   offset - (uint32_t)cached);
}

static struct str file_at(const struct symbol_index *index,
			  const struct symbol_unit_view *view, uint32_t file)
{
	if (file >= view->unit->file_count)
		return STR("");
	return string_at(index, view->files[file]);
}

// Walks outwards from the innermost scope: each one's call is its caller's line.
static size_t fill_frames(const struct symbol_index *index,
			  const struct symbol_unit_view *view, uint32_t row,
			  uint32_t scope, struct symbol_index_frame *frames, size_t max)
{
	struct symbol_index_frame place = { .line = 0 };
	size_t count = 0;

	if (row != SYMBOL_UNIT_NONE) {
		place.file = file_at(index, view, view->rows[row].file);
		place.line = view->rows[row].line;
		place.column = view->rows[row].column;
	}
	while (count < max && scope < view->unit->scope_count) {
		const struct symbol_unit_scope *s = &view->scopes[scope];

		frames[count] = place;
		if (s->function < view->unit->function_count) {
			frames[count].name =
				string_at(index, view->functions[s->function].name);
			frames[count].start_line = view->functions[s->function].line;
		}
		count++;
		place = (struct symbol_index_frame){ .file = file_at(index, view,
								     s->call_file),
						     .line = s->call_line,
						     .column = s->call_column };
		scope = s->parent < scope ? s->parent : SYMBOL_UNIT_NONE;
	}
	if (count == 0 && max > 0 && row != SYMBOL_UNIT_NONE)
		frames[count++] = place;
	return count;
}

// Of the units that know the function of an address the first in the file tells most of
// it, else one that knows its line.
struct symbol_index_place symbol_index_find(const struct symbol_index *index,
					    uint64_t address)
{
	struct symbol_index_place best = { SYMBOL_UNIT_NONE, SYMBOL_UNIT_NONE,
					   SYMBOL_UNIT_NONE };
	const struct symbol_range *range;
	size_t at = ranges_before(index, address);
	unsigned steps = 0;

	while ((range = covering_range(index, address, &at, &steps)) != NULL) {
		if (index->blocks[range->unit] == NULL)
			continue;
		struct symbol_unit_view view =
			symbol_unit_view(index->blocks[range->unit]);
		uint32_t scope = symbol_unit_find_scope(&view, address);
		bool knows = scope != SYMBOL_UNIT_NONE;
		bool best_knows = best.scope != SYMBOL_UNIT_NONE;

		if (best.unit == SYMBOL_UNIT_NONE || knows > best_knows ||
		    (knows == best_knows && range->unit < best.unit))
			best = (struct symbol_index_place){ range->unit, SYMBOL_UNIT_NONE,
							    scope };
	}
	if (best.unit != SYMBOL_UNIT_NONE) {
		struct symbol_unit_view view = symbol_unit_view(index->blocks[best.unit]);

		best.row = symbol_unit_find_row(&view, address);
	}
	return best;
}

size_t symbol_index_frames(const struct symbol_index *index,
			   struct symbol_index_place place,
			   struct symbol_index_frame *frames, size_t max)
{
	if (place.unit == SYMBOL_UNIT_NONE)
		return 0;
	struct symbol_unit_view view = symbol_unit_view(index->blocks[place.unit]);

	return fill_frames(index, &view, place.row, place.scope, frames, max);
}

struct symbol_index_counts symbol_index_counts(const struct symbol_index *index)
{
	return (struct symbol_index_counts){
		.units = index->unit_count,
		.units_read = index->read_count + index->cached_count,
		.units_from_cache = index->cached_count,
	};
}
