// perf_event_open(2) with the set of attributes that perf_record.c can decode, and with
// those of probes.
#include "target/perf_event.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "target/capability.h"
#include "target/perf_record.h"

const struct perf_layout *perf_event_layout(const struct perf_event_options *options)
{
	return options->has_counts ? &perf_record_counted_layout
				   : &perf_record_plain_layout;
}

static struct perf_event_attr make_attributes(const struct perf_event_options *options)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = options->period_ns,
		.sample_type = perf_event_layout(options)->sample_type,
		.disabled = 1,
		.inherit = 1,
		.inherit_thread = options->follow == PERF_FOLLOW_THREADS,
		.exclude_kernel = options->kernel == PERF_KERNEL_EXCLUDED,
		.exclude_hv = 1,
		.exclude_callchain_kernel = options->kernel != PERF_KERNEL_FRAMES,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.sample_id_all = 1,
		.enable_on_exec = options->start == PERF_START_ON_EXEC,
		.watermark = !options->wakes_readers,
		.wakeup_watermark = options->wakes_readers ? 1 : UINT32_MAX,
		.sample_regs_user = perf_event_layout(options)->user_registers,
		.sample_stack_user = options->stack_bytes,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	return attr;
}

int perf_event_open_thread(const struct perf_event_options *options, int tid, int cpu)
{
	struct perf_event_attr attr = make_attributes(options);

	return (int)syscall(SYS_perf_event_open, &attr, tid, cpu, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

// The kernel looks the path up in the memory of whoever makes the event; a child that
// inherits it has none there, and its clone fails. So probes are not inherited. What a
// program sees is not bound to the thread that the event is of: the kernel compares the
// memory of who hits it alone (uprobe_perf_filter).
int perf_event_open_uprobe(int pid, const char *path, uint64_t offset)
{
	int64_t type =
		capability_read_number("/sys/bus/event_source/devices/uprobe/type");
	struct perf_event_attr attr = {
		.type = (uint32_t)type,
		.size = sizeof(attr),
		.config1 = (uint64_t)(uintptr_t)path,
		.config2 = offset,
		.sample_period = 1,
		.disabled = 1,
	};

	if (type < 0) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

bool perf_event_run(int fd, int program_fd)
{
	return ioctl(fd, PERF_EVENT_IOC_SET_BPF, program_fd) == 0;
}

bool perf_event_enable(int fd)
{
	return ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) == 0;
}

bool perf_event_disable(int fd)
{
	return ioctl(fd, PERF_EVENT_IOC_DISABLE, 0) == 0;
}

bool perf_event_redirect(int fd, int ring_fd)
{
	return ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring_fd) == 0;
}

uint64_t perf_event_id(int fd)
{
	uint64_t id = 0;

	return ioctl(fd, PERF_EVENT_IOC_ID, &id) == 0 ? id : 0;
}

uint64_t perf_event_counted_ns(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count) ? count : 0;
}
