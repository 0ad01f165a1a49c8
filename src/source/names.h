// The names of threads, as they change; a process is called what its first thread is.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

// Zero-initialised is empty and valid. Names are numbered by `strings`.
struct names {
	struct arena arena;
	struct interner strings;
	struct map by_thread;
	bool is_recorded; // the threads are not those that run now: /proc is no help
};

void names_deinit(struct names *names);

void names_set(struct names *names, int tid, struct str name);

// A thread starts with the name of the one that started it.
void names_inherit(struct names *names, int parent_tid, int tid);

void names_forget(struct names *names, int tid);

// The name's number; a thread not heard of yet is looked up in /proc,
// or called "?".
uint32_t names_of(struct names *names, int tid);
