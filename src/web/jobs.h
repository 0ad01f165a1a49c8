// Work that takes its time, in child processes: the server goes on meanwhile, a profile
// is copied by the kernel on write, and what a client no longer waits for is ended.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct error;
struct pollfd;
struct writer;

enum { JOBS_MAX = 64, JOBS_RUNNING_MAX = 3, JOB_SECONDS_MAX = 120 };

enum job_state {
	JOB_FREE,
	JOB_QUEUED,
	JOB_RUNNING,
	JOB_DONE,   // result is what it wrote
	JOB_FAILED, // result is one sentence
};

// Writes the result; runs in the child, which has the memory of its parent to itself.
struct job_work {
	bool (*run)(void *context, struct str key, struct writer *w, struct error *err);
	void *context;        // borrowed until the job has started
	unsigned seconds_max; // 0: JOB_SECONDS_MAX
	bool is_out_of_line;  // does not wait for others: a capture
};

struct job {
	enum job_state state;
	struct job_work work;
	char *key; // what it answers; owned
	pid_t pid;
	int pid_fd, result_fd;
	int64_t end_ms;    // when it is ended
	struct str result; // mapped; of JOB_DONE and JOB_FAILED
	unsigned users;    // who waits for it or sends its result
	uint64_t last_use;
};

// Zero-initialised is empty. Jobs stay at their address.
struct jobs {
	struct job jobs[JOBS_MAX];
	uint64_t uses;
};

// The job of a key, running or done, NULL: none is kept.
struct job *jobs_find(struct jobs *jobs, struct str key);

// Queues one with one user; the key is copied. NULL: too many are in use. Old results
// make room.
struct job *jobs_add(struct jobs *jobs, struct str key, const struct job_work *work);

// Starts what may start. Returns how many descriptors were put into polls, which has room
// for JOBS_MAX; they become readable when a child ends.
size_t jobs_prepare(struct jobs *jobs, struct pollfd *polls);

// Reaps what has ended.
void jobs_collect(struct jobs *jobs);

// Blocks until the job has ended, or never started.
void jobs_await(struct jobs *jobs, const struct job *job);

bool job_is_ended(const struct job *job);

// One user fewer; a job that nobody waits for is ended.
void jobs_release(struct job *job);

// Forgets a job that has no users, ending its child.
void jobs_drop(struct job *job);
void jobs_deinit(struct jobs *jobs);
