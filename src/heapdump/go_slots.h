// Tells objects of a Go heap dump from records that are none. Since Go 1.22
// runtime.dumpobjs walks over all slots of a span, and the last ones of a span of small
// objects hold its pointer bitmap (and since Go 1.26 its mark bits) instead.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "heapdump/address_index.h"

// The objects of the page being read: the end of the caller's table from `first` on.
struct go_slots {
	bool has_bitmaps;      // at the end of spans with pointers; Go 1.22
	bool has_inline_marks; // behind those; Go 1.26, or by GOEXPERIMENT
	uint64_t page, size;
	size_t first;
	bool has_pointers;
};

// `version` as runtime.Version says it; what it does not know counts as newest.
struct go_slots go_slots_of_version(struct str version);

// Before the object is appended at entries[count]: returns the new count, which is less
// where the page before ended in records that are none.
size_t go_slots_next(struct go_slots *slots, const struct address_entry *entries,
		     size_t count, uint64_t address, uint64_t size);

// After it was appended, if it has pointers.
static inline void go_slots_see_pointers(struct go_slots *slots)
{
	slots->has_pointers = true;
}

// As go_slots_next at the end of all objects.
size_t go_slots_finish(struct go_slots *slots, const struct address_entry *entries,
		       size_t count);
