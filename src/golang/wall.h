// Where the goroutines of a Go program spend their time, running or not: all of them,
// looked at again and again from outside.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "golang/goroutine_facts.h"
#include "golang/goroutine_profile.h"
#include "golang/goroutines.h"

struct error;
struct go_process;
struct profile;

// One goroutine as it was last seen, and the time since then that is not in the profile
// yet. While it has not run, its stack is what it was.
struct wall_entry {
	uint64_t id, pc, sp;
	uint8_t status, tracking_seq;
	bool has_rows;
	bool has_moved;         // it ran while it was watched, or began
	uint32_t stack, labels; // rows
	int64_t count, ns;
};

struct wall;

struct wall_filter {
	struct goroutine_filter filter;
	struct wall *wall;
};

// Stays where it was initialised.
struct wall {
	struct goroutine_visitor visitor;
	struct wall_filter filter;
	struct go_process *process;
	struct goroutine_reader *reader; // owned
	struct goroutine_facts facts;
	struct goroutine_profile profile;
	struct goroutine_counts counts; // of the last look
	struct map rows;                // address of g -> entry
	struct wall_entry *entries;
	size_t count, capacity;
	int64_t interval_ns; // of the look in progress
	size_t looks;
	bool hides_idle;
};

void wall_init(struct wall *wall, struct go_process *process);
void wall_deinit(struct wall *wall);

// Looks at all goroutines; each gets the time since the look before.
bool wall_look(struct wall *wall, int64_t interval_ns, struct error *err)
	__attribute__((warn_unused_result));

// The profile, which is the caller's. With hides_idle, goroutines that did not run at all
// while they were watched are left out.
struct profile *wall_finish_take(struct wall *wall);
