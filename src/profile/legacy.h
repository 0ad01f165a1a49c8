// What the text formats before profile.proto share: rows of return addresses, lines that
// name them, a section of mappings at the end.
#pragma once

#include "base/lines.h"
#include "profile/frames.h"

struct error;

// One profile being read from lines.
struct legacy {
	struct profile *profile;
	struct profile_builder builder;
	struct frames frames;
	struct lines lines;
	uint32_t *stack; // of the latest row
	size_t depth, capacity;
	struct profile_line *named; // inlined callees first, of the location being named
	size_t named_count, named_capacity, named_depth;
	uint32_t *hidden; // locations above the first named frame of a row
	size_t hidden_count, hidden_capacity;
};

enum legacy_adjust {
	LEGACY_CALLS,      // return addresses: each becomes one less, to lie in the call
	LEGACY_LEAF_EXACT, // the same, but the first is where the thread was
	LEGACY_EXACT,
};

void legacy_init(struct legacy *legacy, struct str bytes);

// Frees what is held, the profile too unless legacy_finish gave it away.
void legacy_deinit(struct legacy *legacy);

// The period is also what one sample stands for.
void legacy_set_period(struct legacy *legacy, struct str type, struct str unit,
		       int64_t period);

// Starts a row with no frames, or adds one.
void legacy_start_row(struct legacy *legacy);
void legacy_push(struct legacy *legacy, uint64_t address);

// Adds a frame for each "0x..." in the text; false if one has more than 64 bits.
bool legacy_push_all(struct legacy *legacy, struct str text, enum legacy_adjust adjust)
	__attribute__((warn_unused_result));

// Removes the second frame of the row where it is the leaf once more: profilers have it
// as the thread's state tells it and as the return address that unwinding starts with.
void legacy_drop_doubled_leaf(struct legacy *legacy);

// Names frames of the latest row by a line that Go writes beneath it, "#", the address,
// "function+0x1f", "file:line"; a line of anything else is ignored.
void legacy_name_frame(struct legacy *legacy, struct str line);

// Appends a sample with the stack of the latest row.
void legacy_append(struct legacy *legacy, const struct profile_label *labels,
		   size_t label_count, const int64_t *values);

// Whether a line begins a section of mappings.
bool legacy_is_maps_start(struct str line);

// Reads the mappings that may follow (the current line may begin them), gives each
// location its mapping and the profile its drop_frames.
void legacy_finish(struct legacy *legacy, struct profile **out);

// The same where the mappings begin at once.
void legacy_finish_maps(struct legacy *legacy, struct profile **out);

// "line 12: what", for a row that cannot be read.
bool legacy_fail(const struct legacy *legacy, const char *what, struct error *err);

// As Go converts: what has no int64_t becomes INT64_MIN.
int64_t legacy_truncate(double value);

// The estimate for allocations of which one is sampled every `rate` bytes on average; a
// rate of 1 or less leaves them as they are.
void legacy_unsample(int64_t *count, int64_t *size, int64_t rate);
