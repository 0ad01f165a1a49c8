// Asks threads that run just now where they are, by one signal each.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct thread_ask;

// Asks a thread by SIGPROF; its answer comes when it next runs. NULL when too many are
// being asked, or the signal cannot be had. Every question must be ended.
struct thread_ask *thread_ask_begin(int tid);

struct thread_answer {
	const uint64_t *addresses; // as struct walker_stack has them
	uint32_t count, epoch;
	bool is_truncated;
};

// False while there is no answer. It is good until the question is ended.
bool thread_ask_read(struct thread_ask *ask, struct thread_answer *out);

// Takes the question back. An answer that comes later is not written.
void thread_ask_end(struct thread_ask *ask);

// In the handler of the signal: answers what the thread has been asked, and whether the
// signal was a question. Async-signal-safe.
void thread_ask_answer(const void *context);
bool thread_ask_is_ours(const siginfo_t *info);

// Nobody asks in a forked child.
void thread_ask_reset_child(void);
