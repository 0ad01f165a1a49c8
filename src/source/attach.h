// The perf events on all threads of a process tree, one for each thread and CPU, and the
// rings, one for each CPU, that they write to.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "source/overrun.h"
#include "target/perf_event.h"
#include "target/perf_ring.h"
#include "target/process.h"

struct error;
struct perf_record;

// Owns descriptors and rings. `options` are those in force: the kernel may have granted
// less than was asked for.
struct attach {
	struct perf_event_options options;
	enum perf_follow wanted; // as asked for
	int cpu_count;
	struct perf_ring *rings; // by CPU
	int *ring_fds;           // by CPU, -1: no event there yet
	int *fds;
	size_t fd_count, fd_capacity;
	struct map owners;  // event id -> thread it was opened on
	struct map threads; // threads with events of their own
	struct overrun overrun;
	uint64_t counted_ns; // CPU time that events closed by now have seen
	uint64_t doubled_ns; // by inherited events of threads with their own, too
};

// Receives the records of all rings in the order of their times. The period of a sample
// is the CPU time that it stands for.
struct attach_sink {
	void (*record)(struct attach_sink *sink, const struct perf_record *record);
};

void attach_init(struct attach *attach, const struct perf_event_options *options);

// Reads the counters and closes all events; what is unread in the rings is dropped.
// Events may be opened again then.
void attach_close(struct attach *attach);
void attach_deinit(struct attach *attach);

// Opens events on one thread. A thread that has just ended is no failure.
bool attach_thread(struct attach *attach, int tid, struct error *err)
	__attribute__((warn_unused_result));

// Opens events on all threads of a process, and with PERF_FOLLOW_CHILDREN on those of its
// descendants; appends the processes to `seen`. False when there is no such process any
// more or no right to watch it.
bool attach_process(struct attach *attach, int pid, struct process_ids *seen,
		    struct error *err) __attribute__((warn_unused_result));

// Hands over what was recorded until a time (CLOCK_MONOTONIC, ns). A thread that both has
// events of its own and inherited some is heard of once.
void attach_drain(struct attach *attach, uint64_t until_ns, struct attach_sink *sink);

// Shows samples as soon as they are there, each once, whatever CPU they are of. They stay
// for attach_drain; their periods are not weighed yet.
void attach_look(struct attach *attach, struct attach_sink *sink);

// Stops the events, so that the rings fill no more.
void attach_stop(struct attach *attach);

// How long the smallest ring lasts if its CPU does nothing but run what we watch.
uint64_t attach_fill_time_ns(const struct attach *attach);

// CPU time that all events, closed ones included, have counted, that of each thread once;
// 0 when it cannot be told from that of processes that were not asked for.
uint64_t attach_counted_ns(const struct attach *attach);
