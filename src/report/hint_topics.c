// What each topic of a hint is called, and what helps.
#include "report/hint_sets.h"

const struct hint_topic_text hint_topic_texts[HINT_TOPIC_COUNT] = {
	[HINT_ALLOCATION] = {
		.id = "allocation",
		.what = "allocating and freeing memory",
		.advice = "Make fewer, larger objects: size buffers and tables in advance, "
			  "join small objects, reuse them through a pool or free list.",
	},
	[HINT_COLLECTION] = {
		.id = "collection",
		.what = "garbage collection",
		.advice = "Make less garbage (a heap profile by alloc_objects shows who "
			  "does), keep pointers out of large data, or give it more room "
			  "with GOGC; GODEBUG=gctrace=1 shows how often it runs.",
		.peek = "runtime.mallocgc",
		.is_anywhere = true,
	},
	[HINT_SYNCHRONIZATION] = {
		.id = "synchronization",
		.what = "locks, channels and other synchronization",
		.advice = "Take locks less often or for less: batch, keep data per thread, "
			  "split one lock into several. CPU time does not show the waiting "
			  "itself: a block or mutex profile does.",
	},
	[HINT_SYSTEM_CALLS] = {
		.id = "system-calls",
		.what = "system calls",
		.advice = "Make fewer of them: buffer, read and write larger pieces.",
	},
	[HINT_COPYING] = {
		.id = "copying",
		.what = "copying and clearing memory",
		.advice = "Pass references instead of copies, and size what grows in "
			  "advance.",
	},
	[HINT_HASHING] = {
		.id = "hashing",
		.what = "hash tables and hashing",
		.advice = "Look up once instead of twice, size tables in advance, use "
			  "smaller or integer keys, or an array.",
	},
	[HINT_SCHEDULER] = {
		.id = "scheduler",
		.what = "the scheduler",
		.advice = "Much blocking and waking costs this: hand over larger pieces of "
			  "work, and start fewer goroutines or threads for tiny ones.",
	},
	[HINT_FORMATTING] = {
		.id = "formatting",
		.what = "formatting and parsing text",
		.advice = "Append to a reused buffer with the conversion of that type, and "
			  "do not format what nobody reads.",
	},
	[HINT_COMPRESSION] = {
		.id = "compression",
		.what = "compression",
		.advice = "A lower level or a faster method trades size for time; do not "
			  "compress the same data twice.",
	},
	[HINT_PAGE_FAULTS] = {
		.id = "page-faults",
		.what = "page faults, the kernel giving memory at first touch",
		.advice = "Reuse memory instead of returning it and asking again; larger "
			  "pages make fewer faults.",
		.is_anywhere = true,
	},
	[HINT_WAIT_MUTEX] = {
		.id = "wait-mutex",
		.what = "mutexes",
		.advice = "Waiting for a mutex is rarely meant: hold it for less, split it, "
			  "or copy on write.",
	},
	[HINT_WAIT_SEND] = {
		.id = "wait-send",
		.what = "sending on channels",
		.advice = "The receivers are slower than the senders: look at what they do, "
			  "or add more of them.",
	},
	[HINT_WAIT_RECEIVE] = {
		.id = "wait-receive",
		.what = "receiving from channels",
		.advice = "Fine for an idle worker or a ticker; where work should flow, the "
			  "senders are slow. The profile does not show which of them it is.",
	},
	[HINT_WAIT_SELECT] = {
		.id = "wait-select",
		.what = "select",
		.advice = "Usually an event loop at rest; the profile does not show which "
			  "case it waited for.",
	},
	[HINT_WAIT_GROUP] = {
		.id = "wait-group",
		.what = "wait groups",
		.advice = "Waits for others to finish, which is what it is for.",
		.is_harmless = true,
	},
	[HINT_WAIT_CONDITION] = {
		.id = "wait-condition",
		.what = "condition variables",
		.advice = "Usually an idle worker that waits for work.",
		.is_harmless = true,
	},
	[HINT_WAIT_TIMER] = {
		.id = "wait-timer",
		.what = "timers and sleeping",
		.advice = "Waits on purpose.",
		.is_harmless = true,
	},
	[HINT_WAIT_IDLE] = {
		.id = "wait-idle",
		.what = "background loops known to be idle",
		.advice = "Nothing to do.",
		.is_harmless = true,
	},
};
