// What works here and what does not, for profiling in general and one process in
// particular, and what mends it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum doctor_state {
	DOCTOR_WORKS,
	DOCTOR_LIMITED, // profiles are taken, but lack something
	DOCTOR_FAILS,
};

struct doctor_fact {
	enum doctor_state state;
	struct str topic;
	struct str text;   // one sentence without full stop
	struct str remedy; // a command, or what to do; "" where nothing is to be mended
};

// Owner of the facts and their texts. Zero-initialised is empty and valid.
struct doctor_facts {
	struct arena arena;
	struct doctor_fact *facts;
	size_t count, capacity;
	bool can_profile; // the CPU time of what was asked about
};

void doctor_facts_deinit(struct doctor_facts *facts);

// Tries what this machine and these rights permit.
void doctor_examine_machine(struct doctor_facts *facts);

// Tries what can be done with one process, and looks for the names of its code.
void doctor_examine_process(struct doctor_facts *facts, int pid);
