// What the recorder keeps of each thread, in static TLS: one cache line, because such
// space is scarce in libraries that are loaded late.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct trace_chunk;

// Zero in a new thread. Also written by our signal handler (stack_low, walker), which
// writes whole words that any interrupted use can live with.
struct thread_state {
	int64_t heap_countdown; // bytes until the next sample; below 0: now
	uint64_t random;        // state of the generator, 0: not seeded
	uintptr_t stack_low;    // the stack is readable from here to stack_high
	uintptr_t stack_high;
	uint32_t labels;           // id of the label set of samples, 0: none
	uint32_t tid;              // 0: not known, or not wanted: see mutex_fast.h
	struct trace_chunk *chunk; // that its events go to, NULL: none yet
	uint64_t fork_mask;        // signals to unblock after fork
	uint16_t walker;           // the one used last
	uint16_t waits_at;         // its place among the waiters of locks, 0: none
	bool is_inside;            // our own code runs: what it allocates is not counted
	bool is_resolving;         // dlsym searches for the allocator
	bool is_drawn;             // heap_countdown comes from the distribution of a rate
};

extern __thread struct thread_state thread_state
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

// The next number of the thread's generator; never 0. Async-signal-safe, but not to be
// called from a handler that may have interrupted it.
uint64_t thread_random(void);

// One of the numbers below `limit`, which is not 0, each as likely as the others: up to
// 53 bits.
uint64_t thread_random_below(uint64_t limit);

// A sample of an exponential distribution with that mean, at least 1.
int64_t thread_random_interval(uint64_t mean);
