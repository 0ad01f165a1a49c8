// A program for each kind of record, shared by its probes; one ring for all of them, so
// that hits are in order across processors.
#include "target/uprobe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "target/bpf.h"
#include "target/capability.h"
#include "target/perf_event.h"

enum { LOG_BYTES = 1 << 16 };

struct uprobe {
	struct uprobe_options options;
	int ring_fd, lost_fd;
	int programs[UPROBE_DETAILS];
	struct uprobe_record records[UPROBE_DETAILS];
	struct bpf_ring ring;
	int *events;
	size_t count, capacity;
};

static bool explain(int errnum, const char *what, struct error *err)
{
	if (errnum == EPERM || errnum == EACCES)
		return error_set(
			err, ERROR_PERMISSION,
			"%s: the kernel refuses it: probes need root, or CAP_BPF and "
			"CAP_PERFMON%s: run goprof with sudo",
			what,
			capability_is_filtered() ? ", and a seccomp filter is in force "
						   "here (--cap-add BPF,PERFMON)"
						 : "");
	if (errnum == ENOSYS || errnum == ENOENT || errnum == EINVAL ||
	    errnum == EOPNOTSUPP)
		return error_set(err, ERROR_UNSUPPORTED,
				 "%s: this kernel has no such probes: they need Linux "
				 "5.8 with CONFIG_UPROBE_EVENTS and CONFIG_BPF_SYSCALL",
				 what);
	return error_set_errno(err, errnum, "%s", what);
}

static struct uprobe_record record_of(const struct uprobe *uprobe,
				      enum uprobe_detail detail)
{
	struct uprobe_record record = {
		.ring_fd = uprobe->ring_fd,
		.lost_fd = uprobe->lost_fd,
		.has_stack = detail == UPROBE_CALLERS,
		.word_at = detail == UPROBE_CALLERS ? uprobe->options.word_at : 0,
		.wakes = uprobe->options.wake == UPROBE_WAKES,
	};

	if (detail == UPROBE_COPIED) {
		record.copy_count = uprobe->options.copy_count;
		memcpy(record.copies, uprobe->options.copies, sizeof(record.copies));
	}
	return record;
}

static bool open_program(struct uprobe *uprobe, enum uprobe_detail detail,
			 struct error *err)
{
	struct bpf_insn code[UPROBE_PROGRAM_MAX];
	char *log = malloc(LOG_BYTES);
	uint32_t count;
	int errnum;

	if (log == NULL)
		arena_out_of_memory(LOG_BYTES);
	uprobe->records[detail] = record_of(uprobe, detail);
	count = uprobe_program_build(&uprobe->records[detail], code);
	uprobe->programs[detail] = bpf_program_open(code, count, log, LOG_BYTES);
	errnum = errno;
	if (uprobe->programs[detail] < 0 && log[0] != '\0')
		error_set(err, ERROR_UNSUPPORTED,
			  "the program of a probe: this kernel does not take it: %.*s",
			  (int)strcspn(log, "\n"), log);
	else if (uprobe->programs[detail] < 0)
		explain(errnum, "the program of a probe", err);
	free(log);
	return uprobe->programs[detail] >= 0;
}

static bool open_all(struct uprobe *uprobe, struct error *err)
{
	size_t size = uprobe->options.ring_bytes;

	uprobe->lost_fd = bpf_map_open_array(sizeof(uint64_t), 1);
	if (uprobe->lost_fd < 0)
		return explain(errno, "the counter of a probe", err);
	uprobe->ring_fd = bpf_map_open_ring((uint32_t)size);
	if (uprobe->ring_fd < 0)
		return explain(errno, "the ring of a probe", err);
	return bpf_ring_open(uprobe->ring_fd, size, &uprobe->ring, err);
}

bool uprobe_open(const struct uprobe_options *options, struct uprobe **out,
		 struct error *err)
{
	struct uprobe *uprobe = table_zeroed(1, sizeof(*uprobe));

	uprobe->options = *options;
	uprobe->ring_fd = uprobe->lost_fd = -1;
	for (int i = 0; i < UPROBE_DETAILS; i++)
		uprobe->programs[i] = -1;
	if (!open_all(uprobe, err)) {
		uprobe_close(uprobe);
		return false;
	}
	*out = uprobe;
	return true;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void uprobe_close(struct uprobe *uprobe)
{
	if (uprobe == NULL)
		return;
	for (size_t i = 0; i < uprobe->count; i++)
		close(uprobe->events[i]);
	for (int i = 0; i < UPROBE_DETAILS; i++)
		close_fd(uprobe->programs[i]);
	bpf_ring_close(&uprobe->ring);
	close_fd(uprobe->ring_fd);
	close_fd(uprobe->lost_fd);
	free(uprobe->events);
	free(uprobe);
}

bool uprobe_add(struct uprobe *uprobe, uint64_t offset, enum uprobe_detail detail,
		struct error *err)
{
	int fd;

	if (uprobe->programs[detail] < 0 && !open_program(uprobe, detail, err))
		return false;
	fd = perf_event_open_uprobe(uprobe->options.pid, uprobe->options.path, offset);
	if (fd < 0)
		return explain(errno, "setting a probe", err);
	uprobe->events = table_reserve(uprobe->events, &uprobe->capacity,
				       uprobe->count + 1, sizeof(int));
	uprobe->events[uprobe->count++] = fd;
	if (!perf_event_run(fd, uprobe->programs[detail]) || !perf_event_enable(fd))
		return explain(errno, "setting a probe", err);
	return true;
}

int uprobe_fd(const struct uprobe *uprobe)
{
	return uprobe->ring_fd;
}

// Kinds of records are told apart by their sizes.
static bool has_size_of(const struct uprobe *uprobe, enum uprobe_detail detail,
			size_t size)
{
	return uprobe->programs[detail] >= 0 &&
	       uprobe_program_record_bytes(&uprobe->records[detail]) == size;
}

static void take_stack(struct str record, struct uprobe_hit *out)
{
	int64_t bytes = out->head.stack_bytes;

	out->detail = UPROBE_CALLERS;
	out->stack = (const void *)(record.p + sizeof(out->head));
	if (bytes > 0)
		out->depth = (size_t)bytes / 8;
	if (out->depth > UPROBE_STACK_DEPTH)
		out->depth = UPROBE_STACK_DEPTH;
}

static void take_copies(const struct uprobe *uprobe, struct str record,
			struct uprobe_hit *out)
{
	const uint8_t *at = (const uint8_t *)record.p + sizeof(out->head);

	out->detail = UPROBE_COPIED;
	for (size_t i = 0; i < uprobe->options.copy_count; i++) {
		if (out->head.copies_failed == 0)
			out->copies[i] = at;
		at += (uprobe->options.copies[i].size + 7u) & ~7u;
	}
}

bool uprobe_next(struct uprobe *uprobe, struct uprobe_hit *out)
{
	struct str record;

	while (bpf_ring_next(&uprobe->ring, &record)) {
		if (record.n < sizeof(out->head))
			continue;
		*out = (struct uprobe_hit){ .detail = UPROBE_REGISTERS };
		memcpy(&out->head, record.p, sizeof(out->head));
		if (has_size_of(uprobe, UPROBE_CALLERS, record.n))
			take_stack(record, out);
		else if (has_size_of(uprobe, UPROBE_COPIED, record.n))
			take_copies(uprobe, record, out);
		return true;
	}
	return false;
}

uint64_t uprobe_lost(const struct uprobe *uprobe)
{
	uint64_t lost = 0;

	return bpf_map_read(uprobe->lost_fd, 0, &lost) ? lost : 0;
}

// Without instructions to probe, whether all parts can be had.
static int try_parts(const struct uprobe_record *record)
{
	struct bpf_insn code[UPROBE_PROGRAM_MAX];
	char log[1];
	int program, fd, errnum = 0;

	if (record->ring_fd < 0 || record->lost_fd < 0)
		return errno;
	program = bpf_program_open(code, uprobe_program_build(record, code), log, 0);
	if (program < 0)
		return errno;
	fd = perf_event_open_uprobe(getpid(), "/proc/self/exe", 0);
	if (fd < 0)
		errnum = errno;
	close_fd(fd);
	close(program);
	return errnum;
}

int uprobe_try(void)
{
	struct uprobe_record record = { .ring_fd = -1, .lost_fd = -1 };
	int errnum;

	record.ring_fd = bpf_map_open_ring((uint32_t)sysconf(_SC_PAGESIZE));
	if (record.ring_fd >= 0)
		record.lost_fd = bpf_map_open_array(sizeof(uint64_t), 1);
	errnum = try_parts(&record);
	close_fd(record.ring_fd);
	close_fd(record.lost_fd);
	return errnum;
}
