// A copy of a process that stands still for ever: the process itself goes on at once.
//
// One of its threads, stopped, is made to run clone(2): the kernel shares all pages
// between the two until either writes to one. The copy never runs an instruction. A
// seccomp filter of the process may forbid the call or kill it for that; its memory
// cgroup is charged for the pages that come to differ.
#pragma once

#include <stdbool.h>

struct error;
struct pause;

struct snapshot {
	int pid;    // of the copy, whose memory is read like any other's
	int origin; // the process it is of
};

// While all threads of the process stand still. They are as before when it returns, also
// where it fails.
bool snapshot_take(struct pause *pause, struct snapshot *out, struct error *err)
	__attribute__((warn_unused_result));

// Ends the copy, and lets the process forget it: one of its threads stands still for a
// moment to make a second call, without which a zombie would stay until it ends.
void snapshot_end(struct snapshot *snapshot);
