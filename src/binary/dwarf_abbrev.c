// Abbreviation tables, compiled for a fast walk over entries.
#include "binary/dwarf_abbrev.h"

#include <stdlib.h>

#include "base/reader.h"
#include "binary/dwarf.h"
#include "binary/dwarf_constants.h"
#include "binary/dwarf_form.h"

// Compilers stay below 40 attributes; more of them would only serve to make a short entry
// costly.
enum { ATTRIBUTES_MAX = 200, READ_TIMES_MAX = 8, STEP_SHIFT = 4 };

// A table while it is read; the arrays grow and are copied into the arena at the end.
struct draft {
	struct dwarf_abbrev *abbrevs;
	size_t abbrev_count, abbrev_capacity;
	struct dwarf_attribute *attributes;
	size_t attribute_count, attribute_capacity;
	uint32_t *steps;
	size_t step_count, step_capacity;
	uint64_t *codes;
	size_t code_capacity;
	bool is_dense;
};

static void draft_deinit(struct draft *draft)
{
	free(draft->abbrevs);
	free(draft->attributes);
	free(draft->steps);
	free(draft->codes);
}

bool dwarf_abbrev_read_attribute(struct reader *r, struct dwarf_attribute *out)
{
	uint64_t name = reader_uleb(r), form = reader_uleb(r);

	out->name = (uint16_t)(name > UINT16_MAX ? UINT16_MAX : name);
	out->form = (uint16_t)(form > UINT16_MAX ? UINT16_MAX : form);
	out->implicit = form == DW_FORM_IMPLICIT_CONST ? reader_sleb(r) : 0;
	return reader_ok(r) && (name != 0 || form != 0);
}

static uint32_t step_make(enum dwarf_extent extent, uint32_t size)
{
	return size << STEP_SHIFT | (uint32_t)extent;
}

static uint32_t attribute_step(const struct dwarf_attribute *attribute, bool has_children,
			       const struct dwarf_unit *unit)
{
	unsigned size;
	enum dwarf_extent extent = dwarf_form_extent(attribute->form, unit->offset_size,
						     unit->version, &size);

	if (attribute->name == DW_AT_SIBLING && has_children &&
	    (attribute->form == DW_FORM_REF4 || attribute->form == DW_FORM_REF_UDATA ||
	     attribute->form == DW_FORM_REF2 || attribute->form == DW_FORM_REF1 ||
	     attribute->form == DW_FORM_REF8))
		return step_make(DWARF_EXTENT_SIBLING, size);
	return step_make(extent, size);
}

static void add_step(struct draft *draft, size_t first, uint32_t step)
{
	uint32_t size = step >> STEP_SHIFT << STEP_SHIFT;

	if (step == step_make(DWARF_EXTENT_FIXED, 0))
		return;
	if (draft->step_count > first && (step & 15) == DWARF_EXTENT_FIXED &&
	    (draft->steps[draft->step_count - 1] & 15) == DWARF_EXTENT_FIXED) {
		draft->steps[draft->step_count - 1] += size;
		return;
	}
	draft->steps = table_reserve(draft->steps, &draft->step_capacity,
				     draft->step_count + 1, sizeof(*draft->steps));
	draft->steps[draft->step_count++] = step;
}

// Whether the abbreviation just read, whose attributes are the draft's last, has this
// one.
static bool has_attribute(const struct draft *draft, const struct dwarf_abbrev *abbrev,
			  uint32_t name)
{
	size_t first = draft->attribute_count - abbrev->attribute_count;

	for (size_t i = first; i < draft->attribute_count; i++)
		if (draft->attributes[i].name == name)
			return true;
	return false;
}

static enum dwarf_role role_of(const struct draft *draft,
			       const struct dwarf_abbrev *abbrev)
{
	bool has_code = has_attribute(draft, abbrev, DW_AT_LOW_PC) ||
			has_attribute(draft, abbrev, DW_AT_RANGES);

	switch (abbrev->tag) {
	case DW_TAG_SUBPROGRAM:
		if (has_code)
			return DWARF_ROLE_SCOPE;
		// A function without code of its own may hold a lambda that has.
		return has_attribute(draft, abbrev, DW_AT_DECLARATION)
			       ? DWARF_ROLE_SKIP
			       : DWARF_ROLE_DESCEND;
	case DW_TAG_INLINED_SUBROUTINE:
		return has_code ? DWARF_ROLE_SCOPE : DWARF_ROLE_SKIP;
	case DW_TAG_CLASS_TYPE:
	case DW_TAG_STRUCTURE_TYPE:
	case DW_TAG_UNION_TYPE:
		return DWARF_ROLE_TYPE;
	case DW_TAG_COMPILE_UNIT:
	case DW_TAG_PARTIAL_UNIT:
	case DW_TAG_SKELETON_UNIT:
	case DW_TAG_LEXICAL_BLOCK:
	case DW_TAG_TRY_BLOCK:
	case DW_TAG_CATCH_BLOCK:
	case DW_TAG_NAMESPACE:
	case DW_TAG_MODULE:
		return DWARF_ROLE_DESCEND;
	}
	return DWARF_ROLE_SKIP;
}

static void finish_abbrev(const struct draft *draft, struct dwarf_abbrev *abbrev,
			  size_t first_step)
{
	abbrev->step_count = (uint16_t)(draft->step_count - first_step);
	abbrev->role = (uint8_t)role_of(draft, abbrev);
	abbrev->fixed_size = DWARF_NOT_FIXED;
	if (abbrev->step_count == 0)
		abbrev->fixed_size = 0;
	else if (abbrev->step_count == 1 &&
		 (draft->steps[first_step] & 15) == DWARF_EXTENT_FIXED)
		abbrev->fixed_size = draft->steps[first_step] >> STEP_SHIFT;
}

// Reads one declaration behind its code.
static bool read_abbrev(struct draft *draft, struct reader *r,
			const struct dwarf_unit *unit)
{
	struct dwarf_abbrev abbrev = { .tag = (uint16_t)reader_uleb(r) };
	struct dwarf_attribute attribute;
	size_t first_step = draft->step_count;

	abbrev.has_children = reader_u8(r) != 0;
	while (dwarf_abbrev_read_attribute(r, &attribute)) {
		if (++abbrev.attribute_count > ATTRIBUTES_MAX)
			return false;
		draft->attributes =
			table_reserve(draft->attributes, &draft->attribute_capacity,
				      draft->attribute_count + 1,
				      sizeof(*draft->attributes));
		draft->attributes[draft->attribute_count++] = attribute;
		add_step(draft, first_step,
			 attribute_step(&attribute, abbrev.has_children, unit));
	}
	if (!reader_ok(r))
		return false;
	finish_abbrev(draft, &abbrev, first_step);
	draft->abbrevs = table_reserve(draft->abbrevs, &draft->abbrev_capacity,
				       draft->abbrev_count + 1, sizeof(*draft->abbrevs));
	draft->abbrevs[draft->abbrev_count++] = abbrev;
	return true;
}

static bool read_draft(struct draft *draft, struct reader *r,
		       const struct dwarf_unit *unit)
{
	draft->is_dense = true;
	for (;;) {
		uint64_t code = reader_uleb(r);

		// Some assemblers leave the terminator of the last table out.
		if (code == 0 || !reader_ok(r))
			return draft->abbrev_count > 0;
		draft->is_dense &= code == draft->abbrev_count + 1;
		draft->codes =
			table_reserve(draft->codes, &draft->code_capacity,
				      draft->abbrev_count + 1, sizeof(*draft->codes));
		draft->codes[draft->abbrev_count] = code;
		if (!read_abbrev(draft, r, unit))
			return false;
	}
}

static void *copy_array(struct arena *arena, const void *items, size_t count, size_t size)
{
	void *copy = arena_array(arena, count, size);

	if (count > 0)
		memcpy(copy, items, count * size);
	return copy;
}

static struct dwarf_abbrevs *compile(struct arena *arena, const struct draft *draft)
{
	struct dwarf_abbrevs *table = arena_alloc(arena, sizeof(*table));
	const struct dwarf_attribute *attribute =
		copy_array(arena, draft->attributes, draft->attribute_count,
			   sizeof(*draft->attributes));
	const uint32_t *step =
		copy_array(arena, draft->steps, draft->step_count, sizeof(*draft->steps));

	for (size_t i = 0; i < draft->abbrev_count; i++) {
		draft->abbrevs[i].attributes = attribute;
		draft->abbrevs[i].steps = step;
		attribute += draft->abbrevs[i].attribute_count;
		step += draft->abbrevs[i].step_count;
		if (!draft->is_dense)
			*map_put(&table->by_code, draft->codes[i]) = (uint32_t)i;
	}
	table->count = draft->abbrev_count;
	table->items = copy_array(arena, draft->abbrevs, draft->abbrev_count,
				  sizeof(*draft->abbrevs));
	return table;
}

static struct dwarf_abbrevs *read_table(struct dwarf_abbrev_cache *cache,
					const struct dwarf *dwarf,
					const struct dwarf_unit *unit)
{
	struct reader r = reader_from_str(dwarf->abbrev);
	struct draft draft = { 0 };
	struct dwarf_abbrevs *table = NULL;
	uint64_t *bytes_read = &cache->bytes_read[dwarf->is_alt ? 1 : 0];

	reader_seek(&r, unit->abbrev_offset);
	if (*bytes_read <= (uint64_t)READ_TIMES_MAX * dwarf->abbrev.n &&
	    read_draft(&draft, &r, unit))
		table = compile(&cache->arena, &draft);
	*bytes_read += reader_offset(&r) - (reader_ok(&r) ? unit->abbrev_offset : 0);
	draft_deinit(&draft);
	return table;
}

const struct dwarf_abbrevs *dwarf_abbrev_table(struct dwarf_abbrev_cache *cache,
					       const struct dwarf *dwarf,
					       const struct dwarf_unit *unit)
{
	// The sizes of forms depend on the unit, so they are part of the key.
	uint64_t key = unit->abbrev_offset << 3 | (unit->version <= 2) << 2 |
		       (unit->offset_size == 8) << 1 | (dwarf->is_alt ? 1 : 0);
	uint32_t *slot = map_put(&cache->by_key, key);

	if (*slot == MAP_NONE) {
		cache->tables =
			table_reserve(cache->tables, &cache->table_capacity,
				      cache->table_count + 1, sizeof(*cache->tables));
		*slot = (uint32_t)cache->table_count;
		cache->tables[cache->table_count++] = read_table(cache, dwarf, unit);
	}
	return cache->tables[*slot];
}

void dwarf_abbrev_cache_deinit(struct dwarf_abbrev_cache *cache)
{
	for (size_t i = 0; i < cache->table_count; i++)
		if (cache->tables[i] != NULL)
			map_deinit(&cache->tables[i]->by_code);
	free(cache->tables);
	map_deinit(&cache->by_key);
	arena_deinit(&cache->arena);
}

static uint64_t read_sibling(struct reader *r, unsigned size)
{
	const uint8_t *p;
	uint64_t value = 0;

	if (size == 0)
		return reader_uleb(r);
	p = reader_bytes(r, size);
	if (p != NULL)
		memcpy(&value, p, size);
	return value;
}

static bool take_step(struct reader *r, uint32_t step, const struct dwarf_unit *unit,
		      uint64_t *sibling)
{
	switch ((enum dwarf_extent)(step & 15)) {
	case DWARF_EXTENT_FIXED:
		reader_skip(r, step >> STEP_SHIFT);
		break;
	case DWARF_EXTENT_LEB:
		(void)reader_uleb(r);
		break;
	case DWARF_EXTENT_TEXT:
		(void)reader_cstr(r);
		break;
	case DWARF_EXTENT_BLOCK1:
		reader_skip(r, reader_u8(r));
		break;
	case DWARF_EXTENT_BLOCK2:
		reader_skip(r, reader_u16(r));
		break;
	case DWARF_EXTENT_BLOCK4:
		reader_skip(r, reader_u32(r));
		break;
	case DWARF_EXTENT_BLOCK:
		reader_skip(r, reader_uleb(r));
		break;
	case DWARF_EXTENT_SIBLING:
		*sibling = read_sibling(r, step >> STEP_SHIFT);
		break;
	case DWARF_EXTENT_INDIRECT:
		dwarf_form_skip(r, DW_FORM_INDIRECT, unit->offset_size, unit->version);
		break;
	case DWARF_EXTENT_UNKNOWN:
		reader_fail(r);
		break;
	}
	return reader_ok(r);
}

const uint8_t *dwarf_abbrev_skip(const struct dwarf_abbrev *abbrev, const uint8_t *p,
				 const uint8_t *end, const struct dwarf_unit *unit,
				 uint64_t *sibling)
{
	if (abbrev->fixed_size != DWARF_NOT_FIXED)
		return abbrev->fixed_size <= (size_t)(end - p) ? p + abbrev->fixed_size
							       : NULL;
	struct reader r = { p, p, end, false };

	for (unsigned i = 0; i < abbrev->step_count; i++)
		if (!take_step(&r, abbrev->steps[i], unit, sibling))
			return NULL;
	return r.p;
}
