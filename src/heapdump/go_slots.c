// Where a page's slots end, by Go version and size (runtime/mheap.go, initSpan).
#include "heapdump/go_slots.h"

#include "base/scan.h"

enum {
	PAGE = 8192, // all spans of objects up to SMALL_MAX bytes are one page
	SMALL_MAX = 512,
	BITMAP = PAGE / 8 / 8,
	INLINE_MARKS = 128,
	INLINE_MARKS_MIN = 16,
};

struct go_slots go_slots_of_version(struct str version)
{
	struct scan scan = scan_from(version);
	int64_t major = 1, minor = INT64_MAX;
	struct go_slots slots = { 0 };

	if (!scan_text(&scan, STR("go")) || !scan_i64(&scan, &major) ||
	    !scan_text(&scan, STR(".")) || !scan_i64(&scan, &minor) || major > 1)
		minor = INT64_MAX;
	slots.has_bitmaps = minor >= 22;
	slots.has_inline_marks = minor >= 26;
	// "go1.26.1 X:nogreenteagc" names experiments that differ from the default.
	if (str_find(version, STR("nogreenteagc")) >= 0)
		slots.has_inline_marks = false;
	else if (str_find(version, STR("greenteagc")) >= 0)
		slots.has_inline_marks = true;
	return slots;
}

static uint64_t real_slots(const struct go_slots *slots)
{
	uint64_t left = PAGE;

	if (slots->has_inline_marks && slots->size >= INLINE_MARKS_MIN)
		left -= INLINE_MARKS;
	if (slots->has_bitmaps && slots->has_pointers)
		left -= BITMAP;
	return left / slots->size;
}

size_t go_slots_finish(struct go_slots *slots, const struct address_entry *entries,
		       size_t count)
{
	if (!slots->has_bitmaps || slots->size == 0 || slots->size > SMALL_MAX)
		return count;
	while (count > slots->first &&
	       (entries[count - 1].address & (PAGE - 1)) / slots->size >=
		       real_slots(slots))
		count--;
	return count;
}

size_t go_slots_next(struct go_slots *slots, const struct address_entry *entries,
		     size_t count, uint64_t address, uint64_t size)
{
	if (address / PAGE == slots->page && size == slots->size)
		return count;
	count = go_slots_finish(slots, entries, count);
	slots->page = address / PAGE;
	slots->size = size;
	slots->first = count;
	slots->has_pointers = false;
	return count;
}
