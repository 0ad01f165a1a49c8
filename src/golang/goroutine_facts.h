// What the runtime says of goroutines besides their own records: words for their states,
// which of them are its own, how late it is.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct go_process;
struct goroutine;

enum { GOROUTINE_REASONS = 64 };

// Read once for one look at all goroutines.
struct goroutine_facts {
	struct go_process *process;
	struct str reasons[GOROUTINE_REASONS]; // runtime.waitReasonStrings
	bool is_durable[GOROUTINE_REASONS];    // runtime.isIdleInSynctest, since 1.25
	uint8_t coroutine_reason;              // 0: the release has none
	// Whether the finalizer goroutine runs code of the program; of stripped programs
	// the flag may not be known.
	bool knows_finalizer, finalizer_runs;
	bool shows_labels; // GODEBUG=tracebacklabels
	int64_t now_ns; // the process's nanotime(); of a core file when it was last seen
	struct arena arena;
};

void goroutine_facts_read(struct go_process *process, struct goroutine_facts *out);

// Reads again what changes: the time, and whose code the finalizer goroutine runs.
void goroutine_facts_refresh(struct goroutine_facts *facts);
void goroutine_facts_deinit(struct goroutine_facts *facts);

// Whether the runtime keeps it for itself; tracebacks and profiles leave those out.
bool goroutine_facts_is_system(const struct goroutine_facts *facts,
			       const struct goroutine *goroutine);

// "running", "chan receive": as between the brackets of a traceback.
struct str goroutine_facts_state(const struct goroutine_facts *facts,
				 const struct goroutine *goroutine);

// How long it has been blocked, as far as the runtime knows: the garbage collector notes
// when it first meets it blocked. 0: not known, or not blocked.
int64_t goroutine_facts_wait_ns(const struct goroutine_facts *facts,
				const struct goroutine *goroutine);
