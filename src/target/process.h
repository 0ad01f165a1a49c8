// Processes and threads as /proc shows them: who lives, who belongs to whom.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A growable list of process or thread ids. Zero-initialised is empty and valid.
struct process_ids {
	int *ids;
	size_t count, capacity;
};

void process_ids_deinit(struct process_ids *ids);
void process_ids_add(struct process_ids *ids, int id);
bool process_ids_contain(const struct process_ids *ids, int id);

// One line of /proc/PID/stat and what /proc/PID/status adds.
struct process_status {
	char name[32]; // of its main thread
	char state;    // 'R', 'S', ... 'Z' is gone but for its exit status
	int parent;
	int thread_count;
	uint64_t start_ticks; // since boot: tells a reused id from the process meant
	uint64_t cpu_ns;      // user and system time of all its threads so far
	int namespace_pid;    // its id in the innermost pid namespace
	unsigned user;        // effective user id
};

// False when there is no such process. A thread id other than its leader's is none.
bool process_read_status(int pid, struct process_status *out);

// The id that a thread has in its innermost pid namespace, which is what the process
// itself knows it by; its id here where that cannot be told.
int process_namespace_tid(int tid);

// Whether it exists and is no zombie.
bool process_is_alive(int pid);

// Appends the ids of all threads; nothing for a process that is gone.
void process_add_threads(int pid, struct process_ids *out);

// Appends the children of pid, their children and so on, without pid itself.
void process_add_descendants(int pid, struct process_ids *out);

// The most memory that the process has had resident so far, in bytes; 0 where the kernel
// does not tell.
uint64_t process_max_rss(int pid);

// Whether both see the same files under the same paths.
bool process_shares_files_with_us(int pid);
