// Probes on instructions of one running process: each hit becomes a record in a ring. The
// target is not stopped; it runs into a breakpoint of the kernel at each hit (some
// microseconds). Only that process is touched, with threads that begin later, and what
// was set is gone when the descriptors are closed, however this process ends.
//
// Each probe is a perf event of the kernel's uprobe unit (Linux 4.17), with a program
// that writes the record (the ring needs 5.8). Events are never inherited: the kernel
// would read the path again, in the memory of the target, and refuse it new threads.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/uprobe_program.h"

struct error;

enum uprobe_wake { UPROBE_QUIET, UPROBE_WAKES }; // at each hit

struct uprobe_options {
	int pid;
	const char *path; // of the file with the code, as this process can open it
	size_t ring_bytes;
	enum uprobe_wake wake;
	uint32_t word_at; // see struct uprobe_head; with UPROBE_CALLERS
	size_t copy_count;
	struct uprobe_copy copies[UPROBE_COPIES_MAX];
};

enum uprobe_detail {
	UPROBE_REGISTERS,
	UPROBE_CALLERS, // and return addresses
	UPROBE_COPIED,  // registers and copies
	UPROBE_DETAILS,
};

struct uprobe_hit {
	struct uprobe_head head;
	enum uprobe_detail detail;
	const uint64_t *stack; // ip first, then return addresses by frame pointers
	size_t depth;
	const uint8_t *copies[UPROBE_COPIES_MAX]; // NULL: not made
};

struct uprobe;

// Checks the rights; errors say what forbids it and what mends it.
bool uprobe_open(const struct uprobe_options *options, struct uprobe **out,
		 struct error *err) __attribute__((warn_unused_result));

// Takes about a tenth of a second a probe: the kernel waits until nobody is in one.
void uprobe_close(struct uprobe *uprobe);

// Sets a probe at an offset of the file, where an instruction begins. The kernel carries
// out nop, push, jumps and calls itself; for any other instruction the thread takes a
// single step, which costs about as much again, and ten times as much in many virtual
// machines.
bool uprobe_add(struct uprobe *uprobe, uint64_t offset, enum uprobe_detail detail,
		struct error *err) __attribute__((warn_unused_result));

// Readable when hits wait, for those who are woken.
int uprobe_fd(const struct uprobe *uprobe);

// The next hit in the order of the ring, valid until the next call; false: none waits.
bool uprobe_next(struct uprobe *uprobe, struct uprobe_hit *out);

// Hits so far that found no room in the ring.
uint64_t uprobe_lost(const struct uprobe *uprobe);

// Whether such probes may be set here: 0, or the errno of the refusal.
int uprobe_try(void);
