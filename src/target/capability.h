// What this kernel and these rights permit, found out by trying where that is possible.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct error;

// Values are -1 where the kernel has no such setting.
struct capability_settings {
	int64_t perf_event_paranoid, kptr_restrict, ptrace_scope, perf_event_mlock_kb;
};

struct capability_settings capability_read_settings(void);

// The number in a file of /proc/sys, -1 when it cannot be read.
int64_t capability_read_number(const char *path);

enum capability {
	CAPABILITY_SYS_PTRACE = 19,
	CAPABILITY_SYS_ADMIN = 21,
	CAPABILITY_SYSLOG = 34,
	CAPABILITY_PERFMON = 38,
};

// Whether this process holds it now.
bool capability_is_held(enum capability capability);

// Whether a seccomp filter is in force on this process.
bool capability_is_filtered(void);

// Why the kernel refused perf events on a process with that errno, and what mends it.
bool capability_explain_perf(int pid, int errnum, struct error *err);

// Tries one event on a thread: 0, or the errno of the refusal. The second also asks for
// samples of the kernel.
int capability_try_user_events(int tid);
int capability_try_kernel_events(int tid);

// Tries to read a byte of a process's memory: 0, or errno.
int capability_try_memory(int pid);
