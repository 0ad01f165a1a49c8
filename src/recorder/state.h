// The recorder's one state object, and how it comes to life.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/allocator.h"
#include "recorder/hook.h"
#include "recorder/mutex_hooks.h"
#include "recorder/settings.h"
#include "recorder/wait_next.h"

struct module_map;
struct recording;
struct walker;
struct block_map;
struct live_table;
struct cpu_timers;
struct serve;
struct thread_start;
struct thread_origins;
struct thread_asks;
struct trace_head;
struct mutex_waiter;

enum { STATE_SERVE_THREADS = 3 };

// All but `settings` and the functions behind hooks is zero until the first profile
// starts. Pools are mapped once and stay until the process ends.
struct recorder {
	struct allocator allocator;
	struct hook_next next;
	struct wait_next wait_next;
	struct mutex_calls mutex_calls;
	_Alignas(16) char early[2048];
	_Atomic size_t early_used;
	struct settings settings;
	// Where events go. Replaced in a forked child, never unmapped: whoever still has
	// the old pointer writes to nobody's table.
	_Atomic(struct recording *) recording;
	_Atomic(struct module_map *) modules;
	_Atomic(struct walker *) walkers;
	_Atomic(struct live_table *) heap_blocks; // see heap_blocks.h, as for these two:
	_Atomic(struct block_map *) heap_map;
	_Atomic bool heap_table_is_used; // heap_blocks has had a block
	_Atomic(struct live_table *) custom_values;
	_Atomic(struct mutex_waiter *) mutex_waiters;
	_Atomic(struct cpu_timers *) cpu_timers;
	_Atomic uint64_t heap_rate;  // 0: off
	bool heap_is_whole;          // every block has been known from the start
	bool allocator_is_libc;      // its chunks look as glibc's do
	_Atomic uint64_t cpu_hz;     // 0: off
	_Atomic uint64_t block_rate; // 0: off
	_Atomic uint64_t mutex_rate; // 0: off
	_Atomic uint64_t unrecorded; // events lost because there was no recording yet
	_Atomic(struct thread_start *) thread_starts;
	_Atomic(struct thread_origins *) thread_origins;
	_Atomic(struct thread_asks *) thread_asks;
	_Atomic(struct serve *) serve;       // where it was told to listen; NULL: nowhere
	_Atomic(struct serve *) owner_serve; // the same for the owner's socket
	_Atomic int serve_tids[STATE_SERVE_THREADS]; // 0: none
	atomic_flag serve_lock;                      // for the next one
	unsigned cpu_users;       // exchanges for which the CPU profile was turned on
	pthread_key_t thread_key; // its destructor sees threads end
	atomic_flag begin_lock;
	// The allocation trace: NULL where there is none. That of a file is never
	// unmapped.
	_Atomic(struct trace_head *) trace;
	_Atomic uint64_t untraced; // events that no walker was free for
	char trace_path[1024];
	uint64_t trace_inode; // of the file of that name that is ours
	_Atomic bool is_tracing;
	atomic_flag dump_lock;           // a heap dump is being taken
	int signal;                      // SIGPROF, or another one in its place
	bool has_signal;                 // it is ours; else the program's
	struct sigaction program_action; // what it has set for it
	uintptr_t stack_end;             // of the main thread
	int pid;                         // differs from getpid() between vfork and exec
	_Atomic bool is_mutex_fast;      // mutex_fast_take is right
	bool is_forked;                  // the program that was started is an ancestor
};

extern struct recorder recorder __attribute__((visibility("hidden")));

// Maps the pools, unless they are there. Not async-signal-safe: takes the loader's lock.
// False for lack of memory; nothing is recorded then.
bool state_begin(void);

// A fresh recording for a forked child, whose parent goes on with the old one.
bool state_begin_child(void);

static inline struct recording *state_recording(void)
{
	// Acquire pairs with the release of state_begin: the recording is initialised.
	return atomic_load_explicit(&recorder.recording, memory_order_acquire);
}

// Says in a recording what program this process runs.
void state_describe(struct recording *recording);

// Unix time in nanoseconds.
uint64_t state_now_ns(void);
