// Asking the kernel what it permits, and putting its refusals into words.
#include "target/capability.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "target/live_memory.h"
#include "target/maps.h"
#include "target/perf_event.h"
#include "target/process.h"

int64_t capability_read_number(const char *path)
{
	struct file_view view;
	struct error ignored;
	int64_t value = -1;

	if (!file_view_open(path, &view, &ignored))
		return -1;
	str_to_i64(str_trim((struct str){ (const char *)view.bytes, view.size }), 10,
		   &value);
	file_view_close(&view);
	return value;
}

struct capability_settings capability_read_settings(void)
{
	return (struct capability_settings){
		.perf_event_paranoid =
			capability_read_number("/proc/sys/kernel/perf_event_paranoid"),
		.kptr_restrict = capability_read_number("/proc/sys/kernel/kptr_restrict"),
		.ptrace_scope =
			capability_read_number("/proc/sys/kernel/yama/ptrace_scope"),
		.perf_event_mlock_kb =
			capability_read_number("/proc/sys/kernel/perf_event_mlock_kb"),
	};
}

// The number behind "Key:" in /proc/self/status.
static uint64_t read_own_status(struct str key, int base)
{
	struct file_view view;
	struct error ignored;
	struct str text, line;
	uint64_t value = 0;

	if (!file_view_open("/proc/self/status", &view, &ignored))
		return 0;
	text = (struct str){ (const char *)view.bytes, view.size };
	while (str_cut(&text, '\n', &line)) {
		if (str_starts_with(line, key))
			str_to_u64(str_trim(str_after(line, key.n)), base, &value);
	}
	file_view_close(&view);
	return value;
}

bool capability_is_held(enum capability capability)
{
	return (read_own_status(STR("CapEff:"), 16) >> capability & 1) != 0;
}

bool capability_is_filtered(void)
{
	return read_own_status(STR("Seccomp:"), 10) != 0;
}

static bool explain_filtered(int pid, struct error *err)
{
	return error_set(err, ERROR_PERMISSION,
			 "process %d: perf events are refused, and a seccomp "
			 "filter is in force here: start the container with "
			 "--cap-add PERFMON, or with --security-opt "
			 "seccomp=unconfined",
			 pid);
}

static bool explain_missing(int pid, struct error *err)
{
	if (capability_is_filtered())
		return explain_filtered(pid, err);
	return error_set(err, ERROR_UNSUPPORTED,
			 "this kernel has no perf events (CONFIG_PERF_EVENTS), or a "
			 "sandbox hides them: try outside of it");
}

static bool explain_denied(int pid, struct error *err)
{
	int64_t paranoid = capability_read_settings().perf_event_paranoid;
	struct process_status status = { 0 };

	if (paranoid > 2 && !capability_is_held(CAPABILITY_PERFMON) &&
	    !capability_is_held(CAPABILITY_SYS_ADMIN))
		return error_set(err, ERROR_PERMISSION,
				 "process %d: perf events are for root alone "
				 "(kernel.perf_event_paranoid is %lld): sudo sysctl -w "
				 "kernel.perf_event_paranoid=2, or run goprof with sudo",
				 pid, (long long)paranoid);
	if (process_read_status(pid, &status) && status.user != geteuid())
		return error_set(
			err, ERROR_PERMISSION,
			"process %d belongs to user %u: run goprof with sudo, or "
			"as that user",
			pid, status.user);
	if (capability_is_filtered())
		return explain_filtered(pid, err);
	return error_set(err, ERROR_PERMISSION,
			 "process %d: the kernel refuses perf events "
			 "(kernel.perf_event_paranoid is %lld): run goprof with sudo",
			 pid, (long long)paranoid);
}

bool capability_explain_perf(int pid, int errnum, struct error *err)
{
	switch (errnum) {
	case EACCES:
	case EPERM:
		return explain_denied(pid, err);
	case ENOSYS:
	case ENOENT:
	case EOPNOTSUPP:
		return explain_missing(pid, err);
	case ESRCH:
		return error_set(err, ERROR_NOT_FOUND,
				 "process %d: no such process: try ps -e", pid);
	case EMFILE:
	case ENFILE:
		return error_set(
			err, ERROR_LIMIT,
			"process %d: too many threads for the limit of open "
			"files: raise it with ulimit -n, or run goprof with sudo",
			pid);
	default:
		return error_set_errno(err, errnum, "process %d: opening a perf event",
				       pid);
	}
}

static int try_events(int tid, enum perf_kernel kernel)
{
	struct perf_event_options options = {
		.period_ns = 10000000,
		.stack_bytes = 4096,
		.kernel = kernel,
	};
	// An event that is inherited needs a CPU; that of a boot always exists.
	int fd = perf_event_open_thread(&options, tid, 0);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

int capability_try_user_events(int tid)
{
	return try_events(tid, PERF_KERNEL_EXCLUDED);
}

int capability_try_kernel_events(int tid)
{
	return try_events(tid, PERF_KERNEL_FRAMES);
}

int capability_try_memory(int pid)
{
	struct live_memory memory = live_memory_of(pid);
	struct error err;
	struct maps maps;
	int errnum = ESRCH;
	uint8_t byte;

	if (!maps_read(pid, &maps, &err))
		return err.code == ERROR_PERMISSION ? EACCES : ESRCH;
	for (size_t i = 0; i < maps.count && errnum == ESRCH; i++) {
		if (!maps.entries[i].is_readable)
			continue;
		errno = 0;
		errnum = memory_read(&memory.memory, maps.entries[i].start, &byte, 1)
				 ? 0
				 : errno;
	}
	maps_deinit(&maps);
	return errnum;
}
