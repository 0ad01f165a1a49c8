// In what each numeric label of a profile is counted.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct profile;

struct label_unit {
	uint32_t key; // string id
	struct str unit;
};

// For each key the first unit seen with it; where none is, "bytes" for the keys that Go's
// allocator uses, else the key itself.
struct label_units {
	struct label_unit *units;
	size_t count;
};

// In the arena. A sentence about each key with several units goes to `warn`.
struct label_units label_units_find(const struct profile *profile, struct arena *arena,
				    void (*warn)(void *context, struct str sentence),
				    void *context);

// "" where no sample has such a label.
struct str label_units_of(const struct label_units *units, uint32_t key);
