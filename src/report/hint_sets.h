// Which functions belong to which topic of a hint: tables of names, no code.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum hint_topic {
	// Where CPU time goes.
	HINT_ALLOCATION,
	HINT_COLLECTION,
	HINT_SYNCHRONIZATION,
	HINT_SYSTEM_CALLS,
	HINT_COPYING,
	HINT_HASHING,
	HINT_SCHEDULER,
	HINT_FORMATTING,
	HINT_COMPRESSION,
	HINT_PAGE_FAULTS,
	HINT_CPU_TOPIC_COUNT,
	// What a thread or goroutine waits for.
	HINT_WAIT_MUTEX = HINT_CPU_TOPIC_COUNT,
	HINT_WAIT_SEND,
	HINT_WAIT_RECEIVE,
	HINT_WAIT_SELECT,
	HINT_WAIT_GROUP,
	HINT_WAIT_CONDITION,
	HINT_WAIT_TIMER,
	HINT_WAIT_IDLE,
	HINT_TOPIC_COUNT,
	HINT_NO_TOPIC = HINT_TOPIC_COUNT,
	HINT_PLUMBING, // of hint_sets_plumbing
};

// Names of functions of one runtime or library. '*' stands for anything, except in "(*",
// which Go's method names hold. Names are written without leading underscores and
// "__GI_", which are not looked at.
struct hint_set {
	enum hint_topic topic;
	const char *origin;       // "Go", "glibc", ...
	bool is_kernel;           // names of the kernel, to be met in kernel frames only
	const char *const *names; // ended by NULL
};

struct hint_set_list {
	const struct hint_set *sets;
	size_t count;
};

// Topics of CPU time; earlier sets win.
extern const struct hint_set_list hint_sets_cpu;
// Topics of waiting.
extern const struct hint_set_list hint_sets_wait;
// Calls that move data (all under HINT_SYSTEM_CALLS), and the kernel's copying of that
// data (all under HINT_COPYING).
extern const struct hint_set_list hint_sets_transfer;
extern const struct hint_set_list hint_sets_kernel_copy;
// What stands between a function and whoever is to blame for calling it: containers,
// wrappers. They are passed over in the search for a caller.
extern const struct hint_set_list hint_sets_plumbing;

// What a topic is called and what helps.
struct hint_topic_text {
	const char *id;     // of the finding in JSON
	const char *what;   // "allocating and freeing memory"
	const char *advice; // sentences
	const char *peek;   // a function that tells more than the topic's own, or NULL
	bool is_anywhere;   // counts wherever it stands on a stack, see hints.md
	bool is_harmless;   // a wait that usually means nothing
};

// In hint_topics.c.
extern const struct hint_topic_text hint_topic_texts[HINT_TOPIC_COUNT];
