// The collections of a live Go program, one by one, as they end: what GODEBUG=gctrace=1
// prints, read from outside. Source: gcStart and gcMarkTermination in src/runtime/mgc.go,
// releases 1.19 to 1.27.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct go_process;

// What the runtime knows of a collection between its end and the start of the next. Of
// one that is not complete only `number` and `pause_ns` are known.
struct gctrace_cycle {
	uint32_t number; // from 1
	bool is_complete;
	bool is_forced;         // by runtime.GC and the like
	bool checks_leaks;      // looked for leaked goroutines too, since 1.26
	uint64_t pause_ns;      // the world was stopped, in all
	int64_t start_ns;       // since the runtime began
	int64_t clock_ns[3];    // sweep termination, mark, mark termination
	int64_t cpu_ns[5];      // the same; mark in assists, in workers, idle
	uint64_t heap_bytes[3]; // at its start, at its end, what was live
	uint64_t goal_bytes, stack_bytes, global_bytes;
	int32_t processors;
	double cpu_fraction; // the share of collections since the runtime began
};

struct gctrace;

// Begins with the collections that end from now on. The process must outlive it.
bool gctrace_open(const struct go_process *process, struct gctrace **out,
		  struct error *err) __attribute__((warn_unused_result));
void gctrace_close(struct gctrace *trace);

// Begins anew, with the collections that end from now on; false where the memory cannot
// be read.
bool gctrace_begin(struct gctrace *trace);

enum gctrace_state { GCTRACE_NONE, GCTRACE_CYCLE, GCTRACE_ENDED };

// The next collection in order; GCTRACE_NONE when no more have ended, GCTRACE_ENDED when
// the process cannot be read any more. Call it often: only the newest collection can be
// complete, and only until the next begins.
enum gctrace_state gctrace_next(struct gctrace *trace, struct gctrace_cycle *out);

// The variables that a line is made of, for who copies them at the end of a collection.
enum gctrace_part { GCTRACE_WORK, GCTRACE_CONTROLLER, GCTRACE_MEMSTATS, GCTRACE_PARTS };

struct gctrace_place {
	uint64_t address;
	uint32_t size;
};

struct gctrace_place gctrace_place(const struct gctrace *trace, enum gctrace_part part);

// Takes copies of them, by part, made before the next collection could begin;
// gctrace_take then gives the collections until there, and false when it has given all.
void gctrace_put(struct gctrace *trace, const uint8_t *const copies[GCTRACE_PARTS],
		 bool checks_leaks);
bool gctrace_take(struct gctrace *trace, struct gctrace_cycle *out);

// How the collector is set and stands now.
struct gctrace_setting {
	int32_t gc_percent;   // GOGC; negative: off
	int64_t memory_limit; // GOMEMLIMIT in bytes; INT64_MAX: none
};

struct gctrace_setting gctrace_setting(const struct gctrace *trace);
