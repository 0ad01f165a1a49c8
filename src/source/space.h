// The address spaces of the recorded processes, as mmap, fork and exec change them, and
// the walk through a stack of one of them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "source/code.h"
#include "unwind/unwind.h"

struct memory;
struct perf_record;
struct perf_sample;

// Executable memory. `row` is for whoever writes the profile: SPACE_NO_ROW at first, and
// again whenever the mapping changes.
struct space_mapping {
	uint64_t start, limit, offset;
	uint32_t code; // row of the code set
	uint32_t row;
	uint64_t shift; // to be added to addresses in that row
};

#define SPACE_NO_ROW UINT32_MAX

// One process. Mappings are sorted and do not overlap.
struct space {
	int pid;
	uint32_t root;
	struct space_mapping *mappings;
	size_t count, capacity;
	// One for each mapping, while has_rules and no other file has been opened, for
	// whichever process.
	struct unwind_mapping *rules;
	size_t rule_capacity, rules_opened;
	bool has_rules;
};

struct space_set {
	struct code_set *codes; // borrowed
	struct space *spaces;
	size_t count, capacity;
	struct map by_pid;
};

void space_set_init(struct space_set *set, struct code_set *codes);
void space_set_deinit(struct space_set *set);

// The space of a process; one not heard of yet is read from /proc if it is live. Valid
// until the next call that may add one.
struct space *space_of(struct space_set *set, int pid);

// Reads /proc/PID/maps anew, for a process whose records may have been missed.
void space_reread(struct space_set *set, int pid);

// Takes note of an MMAP2, COMM, FORK or EXIT record; all others are none of its business.
void space_note(struct space_set *set, const struct perf_record *record);

// The mapping that holds an address, or NULL.
struct space_mapping *space_find(struct space *space, uint64_t address);

// Opens the file behind a mapping.
struct code *space_code(struct space_set *set, struct space *space,
			struct space_mapping *mapping);

enum { SPACE_DEPTH_MAX = 2048 };

struct space_stack {
	uint64_t pcs[SPACE_DEPTH_MAX]; // leaf first
	bool is_exact[SPACE_DEPTH_MAX];
	size_t count;
	enum unwind_end end;
};

// Walks through memory of that process, opening the files it meets.
void space_walk_memory(struct space_set *set, struct space *space,
		       const struct memory *memory,
		       const struct unwind_registers *registers, struct space_stack *out);

// Walks the user's part of a sample, opening the files it meets.
void space_walk(struct space_set *set, struct space *space,
		const struct perf_sample *sample, struct space_stack *out);

// The user's part of a sample whose stack was not copied: what the kernel found by frame
// pointers. How it ends is not known.
void space_take_chain(const struct perf_sample *sample, struct space_stack *out);
