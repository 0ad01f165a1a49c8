// Lists of address ranges.
#include "binary/dwarf_ranges.h"

#include "binary/dwarf.h"
#include "binary/dwarf_constants.h"

enum { BUDGET_TIMES = 16, BUDGET_SLACK = 1 << 20 };

struct dwarf_ranges_budget dwarf_ranges_budget_for(const struct dwarf *dwarf)
{
	uint64_t size = dwarf->ranges.n + dwarf->rnglists.n;

	return (struct dwarf_ranges_budget){ size * BUDGET_TIMES + BUDGET_SLACK };
}

struct dwarf_ranges dwarf_ranges_single(uint64_t low, uint64_t high)
{
	return (struct dwarf_ranges){ .is_single = true, .low = low, .high = high };
}

// The offset of a list by its number in the unit's list of lists.
static uint64_t indexed_list(const struct dwarf *dwarf, const struct dwarf_unit *unit,
			     uint64_t index)
{
	struct reader r = reader_from_str(dwarf->rnglists);

	if (index > dwarf->rnglists.n || unit->ranges_base > dwarf->rnglists.n)
		return DWARF_NONE;
	reader_seek(&r, unit->ranges_base + index * unit->offset_size);
	uint64_t offset = unit->offset_size == 8 ? reader_u64(&r) : reader_u32(&r);

	return reader_ok(&r) ? unit->ranges_base + offset : DWARF_NONE;
}

struct dwarf_ranges dwarf_ranges_list(const struct dwarf *dwarf,
				      const struct dwarf_unit *unit, uint64_t number,
				      bool by_index, struct dwarf_ranges_budget *budget)
{
	struct str section = unit->version >= 5 ? dwarf->rnglists : dwarf->ranges;
	struct dwarf_ranges ranges = { .list = reader_from_str(section),
				       .dwarf = dwarf,
				       .unit = unit,
				       .budget = budget,
				       .base = unit->low_pc };

	reader_seek(&ranges.list, by_index ? indexed_list(dwarf, unit, number) : number);
	return ranges;
}

struct dwarf_ranges dwarf_ranges_of_unit(const struct dwarf *dwarf,
					 const struct dwarf_unit *unit,
					 struct dwarf_ranges_budget *budget)
{
	if (unit->ranges != DWARF_NONE)
		return dwarf_ranges_list(dwarf, unit, unit->ranges, unit->ranges_by_index,
					 budget);
	return dwarf_ranges_single(unit->low_pc, unit->high_pc);
}

// DWARF 2 to 4: pairs of addresses; -1 sets the base, two zeros end the list.
static bool next_old(struct dwarf_ranges *ranges, uint64_t *low, uint64_t *high)
{
	uint64_t first = reader_u64(&ranges->list), second = reader_u64(&ranges->list);

	*low = *high = 0;
	if (first == 0 && second == 0)
		return false;
	if (first == UINT64_MAX) {
		ranges->base = second;
	} else if (first < UINT64_MAX - 1) {
		*low = ranges->base + first;
		*high = ranges->base + second;
	}
	return true;
}

static uint64_t indexed(struct dwarf_ranges *ranges)
{
	uint64_t address, index = reader_uleb(&ranges->list);

	if (dwarf_indexed_address(ranges->dwarf, ranges->unit, index, &address))
		return address;
	return 0;
}

// DWARF 5: entries of a kind each. *low == *high says that there is no range in this one.
static bool next_new(struct dwarf_ranges *ranges, uint64_t *low, uint64_t *high)
{
	struct reader *r = &ranges->list;

	*low = *high = 0;
	switch (reader_u8(r)) {
	case DW_RLE_BASE_ADDRESSX:
		ranges->base = indexed(ranges);
		return true;
	case DW_RLE_STARTX_ENDX:
		*low = indexed(ranges);
		*high = indexed(ranges);
		return true;
	case DW_RLE_STARTX_LENGTH:
		*low = indexed(ranges);
		*high = *low + reader_uleb(r);
		return true;
	case DW_RLE_OFFSET_PAIR:
		*low = reader_uleb(r);
		*high = reader_uleb(r);
		if (!dwarf_is_dead(ranges->base) ||
		    ranges->unit->low_pc == ranges->base) {
			*low += ranges->base;
			*high += ranges->base;
		} else {
			*high = *low;
		}
		return true;
	case DW_RLE_BASE_ADDRESS:
		ranges->base = reader_u64(r);
		return true;
	case DW_RLE_START_END:
		*low = reader_u64(r);
		*high = reader_u64(r);
		return true;
	case DW_RLE_START_LENGTH:
		*low = reader_u64(r);
		*high = *low + reader_uleb(r);
		return true;
	}
	return false; // the end of the list, or an entry of an unknown kind
}

static bool next_entry(struct dwarf_ranges *ranges, uint64_t *low, uint64_t *high)
{
	const uint8_t *p = ranges->list.p;

	if (ranges->budget->left == 0 || !reader_ok(&ranges->list))
		return false;
	bool more = ranges->unit->version >= 5 ? next_new(ranges, low, high)
					       : next_old(ranges, low, high);
	uint64_t used = (uint64_t)(ranges->list.p - p);

	ranges->budget->left -= used < ranges->budget->left ? used : ranges->budget->left;
	return more && reader_ok(&ranges->list);
}

bool dwarf_ranges_next(struct dwarf_ranges *ranges, uint64_t *low, uint64_t *high)
{
	if (ranges->is_single) {
		*low = ranges->low;
		*high = ranges->high;
		ranges->high = ranges->low;
		return *low < *high && !dwarf_is_dead(*low);
	}
	while (next_entry(ranges, low, high))
		if (*low < *high && !dwarf_is_dead(*low))
			return true;
	return false;
}
