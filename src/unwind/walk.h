// One walk in progress, shared by the steps that walk.c and walk_go.c know.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "unwind/rows.h"
#include "unwind/trail.h"
#include "unwind/unwind.h"
#include "unwind/window.h"

enum {
	WALK_WORD = 8,
	// Frames larger than this exist in no program that works: where a frame pointer
	// claims one, it is no frame pointer.
	STEP_LIMIT = 256 << 20,
	// The same where nothing but a guess says that RBP is a frame pointer.
	GUESS_LIMIT = 1 << 20,
};

// What one step came to.
enum step {
	STEP_DONE,
	STEP_OUTERMOST,
	STEP_UNREADABLE,
	STEP_UNDESCRIBED,
	STEP_CONTRADICTION,
	STEP_NEEDS_REGISTERS, // that only a walk with all registers has
};

struct walk {
	const struct unwind_space *space;
	const struct unwind_mapping
		*mapping;           // of pc, unless its rule came from the cache
	struct unwind_cache *cache; // or NULL
	struct unwind_trail *trail; // or NULL
	struct window window;
	uint64_t pc, sp, fp;
	uint64_t fp_at; // where fp was read, 0: it is as it was at the start
	bool has_fp, is_exact, is_first;
	// All registers of the current frame when has_registers; in a full walk always.
	bool has_registers, is_full;
	struct unwind_registers registers;
};

// Takes the mapping of the current pc; false where there is none.
bool walk_select_mapping(struct walk *walk);

// The rule of the current pc, in the mapping selected.
struct unwind_row walk_find_row(const struct walk *walk);

// Steps by the rows whose names begin with ROW_GO.
enum step walk_go_step(struct walk *walk, const struct unwind_row *row);
