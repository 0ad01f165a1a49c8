// Four layouts: two bits a word (1.19), one bit and a stop bit (1.20, 1.21), and
// since 1.22 a bitmap at the end of spans of small objects and a type at the head of
// larger ones.
#include "heapdump/go_pointers.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "golang/layout.h"
#include "golang/process.h"

enum {
	WORD = 8,
	IN_SPAN_MAX = 512, // gc.MinSizeForMallocHeader
	INLINE_MARKS = 128,
	INLINE_MARKS_MIN = 16,
	ARENA_SHIFT = 26, // 64 MB
	BITMAP_WORD = 64,
};

#define ARENA_BASE 0x800000000000u // arenaBaseOffset, negated

void go_pointers_init(struct go_pointers *pointers, const struct go_process *process,
		      struct go_rtypes *types)
{
	uint64_t heap = go_process_find(process, STR("runtime.mheap_"));

	*pointers = (struct go_pointers){
		.process = process,
		.types = types,
		.has_inline_marks = go_spans_have_inline_marks(process),
		.arenas = go_process_read_number(
			process, heap + (uint64_t)process->layout->mheap.arenas, 8),
	};
}

void go_pointers_deinit(struct go_pointers *pointers)
{
	free(pointers->bits);
	free(pointers->types_of);
	free(pointers->is_opaque);
	*pointers = (struct go_pointers){ 0 };
}

static void set_bit(struct go_pointers *pointers, uint64_t word)
{
	pointers->bits[word / 8] |= (uint8_t)(1u << word % 8);
}

static void clear_tables(struct go_pointers *pointers, const struct go_span *span)
{
	size_t bytes = (size_t)(span->size / WORD / 8) + 1;

	pointers->bits = table_reserve(pointers->bits, &pointers->capacity, bytes, 1);
	memset(pointers->bits, 0, bytes);
	pointers->types_of = table_reserve(pointers->types_of, &pointers->type_capacity,
					   span->count + 1, sizeof(uint32_t));
	memset(pointers->types_of, 0xff, span->count * sizeof(uint32_t));
	pointers->is_opaque =
		table_reserve(pointers->is_opaque, &pointers->opaque_capacity,
			      span->count + 1, sizeof(bool));
	memset(pointers->is_opaque, 0, span->count);
}

static uint64_t arena_of(const struct go_pointers *pointers, uint64_t address)
{
	uint64_t index = (address + ARENA_BASE) >> ARENA_SHIFT;

	return go_process_read_number(pointers->process, pointers->arenas + index * WORD,
				      WORD);
}

// Copies what an arena's table says of [start, start + size): `per` bytes of memory are a
// byte of the table. The range lies within one arena.
static bool read_table(const struct go_pointers *pointers, int32_t table, uint64_t per,
		       uint64_t start, uint64_t size, uint8_t *out)
{
	uint64_t arena = arena_of(pointers, start);
	uint64_t first = (start & ((1u << ARENA_SHIFT) - 1)) / per;

	return arena != 0 &&
	       memory_read(pointers->process->memory, arena + (uint64_t)table + first,
			   out, (size / per) + (size % per != 0));
}

// Go 1.19: a byte for four words, their pointer bits below, "more follow" above.
static void apply_two_bits(struct go_pointers *pointers, const struct go_span *span,
			   const uint8_t *table)
{
	for (uint64_t i = 0; i < span->count; i++) {
		uint64_t first = i * span->element_size / WORD;

		for (uint64_t w = first; w < first + span->element_size / WORD; w++) {
			uint8_t four = table[w / 4];

			if ((four >> (w % 4 + 4) & 1) == 0)
				break;
			if ((four >> w % 4 & 1) != 0)
				set_bit(pointers, w);
		}
	}
}

// Go 1.20 and 1.21: a bit for a word; a bit for 64 of those says that the object which
// goes on behind them has no more pointers. Pages begin with a group of 64.
static void apply_stop_bits(struct go_pointers *pointers, const struct go_span *span,
			    const uint8_t *table, const uint8_t *stops)
{
	for (uint64_t i = 0; i < span->count; i++) {
		uint64_t first = i * span->element_size / WORD;

		for (uint64_t w = first; w < first + span->element_size / WORD; w++) {
			uint64_t before = w / BITMAP_WORD - 1;

			if (w > first && w % BITMAP_WORD == 0 &&
			    (stops[before / 8] >> before % 8 & 1) != 0)
				break;
			if ((table[w / 8] >> w % 8 & 1) != 0)
				set_bit(pointers, w);
		}
	}
}

// Spans may cross arenas only if they are large, so tables are read piece by piece.
static bool read_old_tables(const struct go_pointers *pointers,
			    const struct go_span *span, int32_t table, uint64_t per,
			    uint8_t *out)
{
	for (uint64_t done = 0; done < span->size;) {
		uint64_t at = span->start + done;
		uint64_t left = (1u << ARENA_SHIFT) - (at & ((1u << ARENA_SHIFT) - 1));
		uint64_t size = span->size - done < left ? span->size - done : left;

		if (!read_table(pointers, table, per, at, size, out + done / per))
			return false;
		done += size;
	}
	return true;
}

static bool read_old(struct go_pointers *pointers, const struct go_span *span)
{
	const struct go_layout *layout = pointers->process->layout;
	bool has_two_bits = layout->heap_arena.no_more_ptrs == GO_ABSENT;
	uint64_t per = has_two_bits ? 4 * WORD : 8 * WORD;
	uint64_t stop_per = (uint64_t)BITMAP_WORD * 8 * WORD;
	uint8_t *table = table_zeroed(span->size / per + 8, 1);
	uint8_t *stops = table_zeroed(span->size / stop_per + 16, 1);
	bool is_read =
		read_old_tables(pointers, span, layout->heap_arena.bitmap, per, table);

	if (is_read && has_two_bits)
		apply_two_bits(pointers, span, table);
	else if (is_read &&
		 read_old_tables(pointers, span, layout->heap_arena.no_more_ptrs,
				 stop_per, stops))
		apply_stop_bits(pointers, span, table, stops);
	else
		is_read = false;
	free(table);
	free(stops);
	return is_read;
}

// Lays a type's mask over [first, end), again for each element of an array.
static void apply_type(struct go_pointers *pointers, uint64_t object, uint64_t first,
		       uint64_t end, uint64_t address)
{
	uint32_t row = go_rtypes_row(pointers->types, address);
	const struct go_rtype *type;

	pointers->types_of[object] = row;
	if (row == MAP_NONE)
		return;
	type = &pointers->types->items[row];
	if (type->mask == NULL) {
		pointers->is_opaque[object] = type->pointer_bytes > 0;
		return;
	}
	for (; first < end; first += (type->size + WORD - 1) / WORD) {
		for (uint64_t w = 0; w < type->pointer_bytes / WORD && first + w < end;
		     w++) {
			if ((type->mask[w / 8] >> w % 8 & 1) != 0)
				set_bit(pointers, first + w);
		}
	}
}

static void read_headers(struct go_pointers *pointers, const struct go_span *span,
			 const uint8_t *contents)
{
	uint64_t words = span->element_size / WORD;

	if (span->is_large) {
		apply_type(pointers, 0, 0, words, span->large_type);
		return;
	}
	for (uint64_t i = 0; i < span->count; i++) {
		uint64_t header;

		memcpy(&header, contents + i * span->element_size, sizeof(header));
		apply_type(pointers, i, i * words + 1, (i + 1) * words, header);
	}
}

static void copy_bitmap(struct go_pointers *pointers, const struct go_span *span,
			const uint8_t *contents)
{
	uint64_t size = span->size / WORD / 8, end = span->size;

	if (pointers->has_inline_marks && span->element_size >= INLINE_MARKS_MIN)
		end -= INLINE_MARKS;
	memcpy(pointers->bits, contents + end - size, size);
}

bool go_pointers_read(struct go_pointers *pointers, const struct go_span *span,
		      const uint8_t *contents)
{
	clear_tables(pointers, span);
	if (!span->has_pointers)
		return true;
	if (pointers->process->version.minor < 22)
		return read_old(pointers, span);
	if (span->element_size > IN_SPAN_MAX)
		read_headers(pointers, span, contents);
	else
		copy_bitmap(pointers, span, contents);
	return true;
}
