// What a capture does to a Go program when its user asks for it: switches sampling on for
// a while, makes it collect garbage. All of it is said in the notes.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "golang/knob.h"

struct capture_notes;
struct capture_target;
struct error;

// A rate of the runtime that is another one meanwhile.
struct capture_change {
	struct go_knob knob;
	bool is_changed;
};

// Sets a rate of 8 bytes such as "runtime.MemProfileRate".
bool capture_change_begin(struct capture_target *target, struct str variable,
			  uint64_t value, struct capture_notes *notes,
			  struct capture_change *out, struct error *err)
	__attribute__((warn_unused_result));

// Puts the rate back, unless the program itself has set another one meanwhile.
bool capture_change_end(struct capture_change *change, struct capture_notes *notes,
			struct error *err) __attribute__((warn_unused_result));

// Waits, but not beyond SIGINT or SIGTERM, or the end of a command, which gets such
// signals itself; returns the seconds that it waited.
double capture_change_wait(const struct capture_target *target, double seconds);

// Makes the program collect twice, after which its memory profile is as of the first of
// these. False where none comes within a few seconds; nothing is left changed then.
bool capture_change_collect(struct capture_target *target, struct capture_notes *notes,
			    struct error *err) __attribute__((warn_unused_result));
