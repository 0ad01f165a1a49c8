// The functions and inlined calls of one unit.
#include "binary/dwarf_scope.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/reader.h"
#include "binary/dwarf.h"
#include "binary/dwarf_constants.h"
#include "binary/dwarf_form.h"

// From a concrete function over its abstract one to a declaration are three steps; more
// than this is a cycle.
enum { ORIGIN_STEPS_MAX = 16 };

void dwarf_scope_deinit(struct dwarf_scopes *scopes)
{
	free(scopes->items);
	free(scopes->ranges);
	free(scopes->open);
	*scopes = (struct dwarf_scopes){ 0 };
}

// One walk over a unit.
struct walk {
	struct dwarf_scopes *scopes;
	const struct dwarf *dwarf;
	const struct dwarf_unit *unit;
	struct dwarf_ranges_budget *budget;
	const uint8_t *p, *end;
	size_t depth;
	size_t function_depth; // of the outermost function around, 0 outside of any
	uint32_t scope;        // in force at this depth
	bool types_hold_code;  // methods may be defined inside their class anywhere
};

// What a scope's entry says of its code.
struct extent {
	struct dwarf_value low_pc, high_pc, ranges;
	uint64_t origin, sibling;
};

static void set_attribute(struct dwarf_scope *scope, struct extent *extent, uint32_t name,
			  struct dwarf_value value)
{
	switch (name) {
	case DW_AT_LOW_PC:
		extent->low_pc = value;
		break;
	case DW_AT_HIGH_PC:
		extent->high_pc = value;
		break;
	case DW_AT_RANGES:
		extent->ranges = value;
		break;
	case DW_AT_ABSTRACT_ORIGIN:
		if (value.kind == DWARF_VALUE_ENTRY)
			extent->origin = value.number;
		break;
	case DW_AT_SIBLING:
		extent->sibling = value.number;
		break;
	case DW_AT_CALL_FILE:
		scope->call_file = (uint32_t)value.number;
		break;
	case DW_AT_CALL_LINE:
		scope->call_line = (uint32_t)value.number;
		break;
	case DW_AT_CALL_COLUMN:
		scope->call_column = (uint32_t)value.number;
		break;
	}
}

static struct dwarf_ranges ranges_of(const struct walk *w, const struct extent *extent)
{
	uint64_t low, high;

	if (extent->ranges.kind == DWARF_VALUE_OFFSET ||
	    extent->ranges.kind == DWARF_VALUE_CONSTANT ||
	    extent->ranges.kind == DWARF_VALUE_LIST_INDEX)
		return dwarf_ranges_list(w->dwarf, w->unit, extent->ranges.number,
					 extent->ranges.kind == DWARF_VALUE_LIST_INDEX,
					 w->budget);
	if (!dwarf_form_address(&extent->low_pc, w->dwarf, w->unit, &low))
		return dwarf_ranges_single(0, 0);
	if (extent->high_pc.kind == DWARF_VALUE_CONSTANT)
		return dwarf_ranges_single(low, low + extent->high_pc.number);
	if (!dwarf_form_address(&extent->high_pc, w->dwarf, w->unit, &high))
		return dwarf_ranges_single(0, 0);
	return dwarf_ranges_single(low, high);
}

// Adds the scope's ranges; false when all its code was dropped.
static bool add_ranges(struct walk *w, const struct extent *extent, uint32_t scope)
{
	struct dwarf_scopes *scopes = w->scopes;
	struct dwarf_ranges ranges = ranges_of(w, extent);
	size_t before = scopes->range_count;
	uint64_t low, high;

	while (dwarf_ranges_next(&ranges, &low, &high)) {
		scopes->ranges =
			table_reserve(scopes->ranges, &scopes->range_capacity,
				      scopes->range_count + 1, sizeof(*scopes->ranges));
		scopes->ranges[scopes->range_count++] =
			(struct dwarf_scope_range){ low, high, scope };
	}
	return scopes->range_count > before;
}

static uint32_t add_scope(struct walk *w, const struct dwarf_scope *scope)
{
	struct dwarf_scopes *scopes = w->scopes;

	scopes->items = table_reserve(scopes->items, &scopes->capacity, scopes->count + 1,
				      sizeof(*scopes->items));
	scopes->items[scopes->count] = *scope;
	return (uint32_t)scopes->count++;
}

static void enter(struct walk *w, uint32_t scope, unsigned tag)
{
	struct dwarf_scopes *scopes = w->scopes;

	if (w->depth == scopes->open_capacity)
		scopes->open = table_reserve(scopes->open, &scopes->open_capacity,
					     w->depth + 1, sizeof(*scopes->open));
	scopes->open[w->depth++] = w->scope;
	w->scope = scope;
	if (w->function_depth == 0 && tag == DW_TAG_SUBPROGRAM)
		w->function_depth = w->depth;
}

static void leave(struct walk *w)
{
	if (w->function_depth == w->depth)
		w->function_depth = 0;
	w->scope = w->scopes->open[--w->depth];
}

// C and C++ compilers define methods behind their class, not in it, unless all of it is
// local to a function.
static bool types_hold_code(const struct dwarf_unit *unit)
{
	switch ((enum dwarf_language)unit->language) {
	case DW_LANG_C89:
	case DW_LANG_C:
	case DW_LANG_C_PLUS_PLUS:
	case DW_LANG_C99:
	case DW_LANG_GO:
	case DW_LANG_C_PLUS_PLUS_11:
	case DW_LANG_C11:
	case DW_LANG_C_PLUS_PLUS_14:
		return false;
	}
	return true;
}

// Leaps over the children of an entry when it says where its sibling is.
static bool leap(struct walk *w, uint64_t sibling)
{
	const uint8_t *start = (const uint8_t *)w->dwarf->info.p;

	if (sibling <= (uint64_t)(w->p - start) || sibling > (uint64_t)(w->end - start))
		return false;
	w->p = start + sibling;
	return true;
}

// The forms that nearly all attributes of scopes have, read without a detour.
static inline struct dwarf_value read_value(struct reader *r,
					    const struct dwarf_attribute *a,
					    const struct dwarf_unit *unit)
{
	switch (a->form) {
	case DW_FORM_IMPLICIT_CONST:
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT, (uint64_t)a->implicit,
					     NULL };
	case DW_FORM_DATA1:
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT, reader_u8(r), NULL };
	case DW_FORM_DATA2:
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT, reader_u16(r), NULL };
	case DW_FORM_ADDR:
		return (struct dwarf_value){ DWARF_VALUE_ADDRESS, reader_u64(r), NULL };
	case DW_FORM_DATA8:
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT, reader_u64(r), NULL };
	case DW_FORM_REF4:
		return (struct dwarf_value){ DWARF_VALUE_ENTRY,
					     unit->offset + reader_u32(r), NULL };
	}
	return dwarf_form_read(r, a->form, a->implicit, unit);
}

static bool visit_scope(struct walk *w, const struct dwarf_abbrev *abbrev,
			uint64_t offset)
{
	struct reader r = { w->p, w->p, w->end, false };
	struct dwarf_scope scope = { .parent = DWARF_NO_SCOPE, .function = offset };
	struct extent extent = { .origin = offset };
	uint32_t id = w->scope;

	for (unsigned i = 0; i < abbrev->attribute_count; i++) {
		const struct dwarf_attribute *a = &abbrev->attributes[i];

		set_attribute(&scope, &extent, a->name, read_value(&r, a, w->unit));
	}
	if (!reader_ok(&r))
		return false;
	w->p = r.p;
	if (abbrev->tag == DW_TAG_INLINED_SUBROUTINE) {
		scope.function = extent.origin;
		scope.parent = w->scope;
	}
	bool has_code = add_ranges(w, &extent, (uint32_t)w->scopes->count);

	if (has_code)
		id = add_scope(w, &scope);
	else if (abbrev->has_children && leap(w, extent.sibling))
		return true;
	if (abbrev->has_children)
		enter(w, id, abbrev->tag);
	return true;
}

static bool visit(struct walk *w, const struct dwarf_abbrev *abbrev, uint64_t offset)
{
	uint64_t sibling = 0;

	if (abbrev->role == DWARF_ROLE_SCOPE)
		return visit_scope(w, abbrev, offset);
	w->p = dwarf_abbrev_skip(abbrev, w->p, w->end, w->unit, &sibling);
	if (w->p == NULL)
		return false;
	if (!abbrev->has_children)
		return true;
	bool may_leap = abbrev->role == DWARF_ROLE_SKIP ||
			(abbrev->role == DWARF_ROLE_TYPE && !w->types_hold_code &&
			 w->function_depth == 0);

	if (may_leap && sibling > 0 && leap(w, w->unit->offset + sibling))
		return true;
	enter(w, w->scope, abbrev->tag);
	return true;
}

static inline uint64_t read_code(struct walk *w)
{
	if (*w->p < 0x80)
		return *w->p++;
	struct reader r = { w->p, w->p, w->end, false };
	uint64_t code = reader_uleb(&r);

	w->p = r.p;
	return code;
}

void dwarf_scope_read(struct dwarf_scopes *scopes, const struct dwarf *dwarf,
		      const struct dwarf_unit *unit, struct dwarf_abbrev_cache *abbrevs,
		      struct dwarf_ranges_budget *budget)
{
	const uint8_t *info = (const uint8_t *)dwarf->info.p;
	const struct dwarf_abbrevs *table = dwarf_abbrev_table(abbrevs, dwarf, unit);
	struct walk w = { .scopes = scopes,
			  .dwarf = dwarf,
			  .unit = unit,
			  .budget = budget,
			  .p = info + unit->first_entry,
			  .end = info + unit->limit,
			  .scope = DWARF_NO_SCOPE,
			  .types_hold_code = types_hold_code(unit) };

	scopes->count = scopes->range_count = 0;
	while (table != NULL && w.p < w.end) {
		uint64_t offset = (uint64_t)(w.p - info), code = read_code(&w);

		if (code == 0) {
			if (w.depth == 0)
				return;
			leave(&w);
			continue;
		}
		const struct dwarf_abbrev *abbrev = dwarf_abbrev_find(table, code);

		if (abbrev == NULL || !visit(&w, abbrev, offset))
			return;
	}
}

// One entry on the way to a name.
struct step {
	const struct dwarf_unit *unit;
	struct dwarf_value name, linkage_name;
	uint32_t line;
	uint64_t origin; // DWARF_NONE at the end of the way
};

static bool read_step(uint64_t entry, const struct dwarf *dwarf,
		      struct dwarf_abbrev_cache *abbrevs, struct step *step)
{
	const struct dwarf_unit *unit = dwarf_find_unit(dwarf, entry);
	const struct dwarf_abbrevs *table =
		unit == NULL ? NULL : dwarf_abbrev_table(abbrevs, dwarf, unit);

	*step = (struct step){ .unit = unit, .origin = DWARF_NONE };
	if (table == NULL)
		return false;
	struct reader r = reader_from(dwarf->info.p, unit->limit);

	reader_seek(&r, entry);
	const struct dwarf_abbrev *abbrev = dwarf_abbrev_find(table, reader_uleb(&r));

	for (unsigned i = 0; abbrev != NULL && i < abbrev->attribute_count; i++) {
		const struct dwarf_attribute *a = &abbrev->attributes[i];
		struct dwarf_value value =
			dwarf_form_read(&r, a->form, a->implicit, unit);

		if (a->name == DW_AT_NAME)
			step->name = value;
		else if (a->name == DW_AT_LINKAGE_NAME ||
			 a->name == DW_AT_MIPS_LINKAGE_NAME)
			step->linkage_name = value;
		else if (a->name == DW_AT_DECL_LINE)
			step->line = (uint32_t)value.number;
		else if ((a->name == DW_AT_ABSTRACT_ORIGIN ||
			  a->name == DW_AT_SPECIFICATION) &&
			 value.kind == DWARF_VALUE_ENTRY)
			step->origin = value.number;
	}
	return abbrev != NULL && reader_ok(&r);
}

struct dwarf_function dwarf_scope_function(uint64_t entry, const struct dwarf *dwarf,
					   struct dwarf_abbrev_cache *abbrevs)
{
	struct dwarf_function function = { "", 0 };
	struct step step;

	for (unsigned i = 0; i < ORIGIN_STEPS_MAX && entry != DWARF_NONE; i++) {
		if ((entry & DWARF_IN_ALT) != 0)
			dwarf = dwarf->alt;
		if (dwarf == NULL ||
		    !read_step(entry & ~DWARF_IN_ALT, dwarf, abbrevs, &step))
			break;
		if (function.line == 0)
			function.line = step.line;
		if (step.linkage_name.kind != DWARF_VALUE_OTHER) {
			function.name =
				dwarf_form_string(&step.linkage_name, dwarf, step.unit);
			break;
		}
		if (function.name[0] == '\0')
			function.name = dwarf_form_string(&step.name, dwarf, step.unit);
		entry = step.origin;
	}
	return function;
}
