// The program files mapped into this process, with the unwind rules of each, in a form
// that a signal handler can read at any time.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/unwind.h"

struct module_map;

// Makes the map of what is loaded now. Takes the loader's lock: never from a signal
// handler or an allocation. False for lack of memory.
bool modules_init(void);

// Looks at what has been loaded or unloaded since; same restriction.
void modules_refresh(void);

// Takes in the module that holds an address, if it is one and not known yet, without the
// loader's lock. Needs MODULES_LEARN_STACK bytes of stack; returns whether it was new.
// Async-signal-safe.
bool modules_learn(uintptr_t address);

enum { MODULES_LEARN_STACK = 48 << 10 };

// Drops modules that are not mapped any more; for after a dlclose. Async-signal-safe.
void modules_prune(void);

// Enters all modules into the recordings, after one has been replaced.
void modules_record(void);

// Around fork, in parent and child, and where a recording is replaced while others run:
// nobody changes the map meanwhile.
void modules_before_fork(void);
void modules_after_fork(void);

// A look at the map: `space` is good while modules_is_current says so. Tables are never
// unmapped, so a walk over a map that changes meanwhile ends in wrong frames, not in a
// crash, and modules_is_current tells afterwards.
struct modules_view {
	struct unwind_space space;
	uint32_t sequence; // odd: being changed, and the space is empty
	uint32_t epoch;
};

struct modules_view modules_view(void);
bool modules_is_current(const struct modules_view *view);

// Whether an address is in the library's own code.
bool modules_is_own(uintptr_t address);
