// Reads the files of each thread; compares two readings.
#include "target/schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/lines.h"
#include "base/pages.h"
#include "base/scan.h"
#include "base/str.h"
#include "target/schedule_cgroup.h"
#include "target/system_call.h"

// Fields of stat behind the name, counted from the state; proc(5).
enum { STAT_PROCESSOR = 36, TEXT_SIZE = 4096, ENTRIES_SIZE = 4096 };

// A small file of /proc into `text`; "" where it cannot be read.
static struct str read_small(char *text, int pid, int thread, const char *name)
{
	char path[64];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, thread, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return STR("");
	size = read(fd, text, TEXT_SIZE);
	close(fd);
	return (struct str){ text, size < 0 ? 0 : (size_t)size };
}

static bool parse_stat(struct str text, struct schedule_thread *out)
{
	ptrdiff_t open = str_find_char(text, '('), close = str_find_last_char(text, ')');
	struct str rest, field;
	uint64_t value;

	if (open < 0 || close < open)
		return false;
	field = str_slice(text, (size_t)open + 1, (size_t)close);
	snprintf(out->name, sizeof(out->name), "%.*s", (int)field.n, field.p);
	rest = str_trim(str_after(text, (size_t)close + 1));
	for (unsigned i = 0; str_cut(&rest, ' ', &field); i++) {
		if (i == 0 && field.n > 0)
			out->state = field.p[0];
		if (i == STAT_PROCESSOR && str_to_u64(field, 10, &value))
			out->processor = (int)value;
	}
	return out->state != '\0';
}

static void parse_schedstat(struct str text, struct schedule_thread *out)
{
	struct str rest = str_trim(text), field;

	if (str_cut(&rest, ' ', &field))
		str_to_u64(field, 10, &out->run_ns);
	if (str_cut(&rest, ' ', &field))
		str_to_u64(field, 10, &out->delay_ns);
	if (str_cut(&rest, ' ', &field))
		str_to_u64(field, 10, &out->slices);
}

static void parse_status(struct str text, struct schedule_thread *out)
{
	struct lines lines = { .rest = text };

	while (lines_next(&lines)) {
		struct scan scan = scan_from(lines.line);
		int64_t value;

		if (scan_text(&scan, STR("voluntary_ctxt_switches:")) &&
		    scan_blanks(&scan) && scan_i64(&scan, &value))
			out->voluntary = (uint64_t)value;
		if (scan_text(&scan, STR("nonvoluntary_ctxt_switches:")) &&
		    scan_blanks(&scan) && scan_i64(&scan, &value))
			out->forced = (uint64_t)value;
	}
}

// The kernel's function where it may be seen, else the system call.
static void read_wait(int pid, int id, char *text, struct schedule_thread *out)
{
	struct str wait = str_trim(read_small(text, pid, id, "wchan"));
	struct scan scan;
	int64_t number;

	if (out->state == 'R')
		return;
	if (wait.n > 0 && !str_equal(wait, STR("0"))) {
		snprintf(out->wait, sizeof(out->wait), "%.*s", (int)wait.n, wait.p);
		return;
	}
	scan = scan_from(read_small(text, pid, id, "syscall"));
	if (scan_i64(&scan, &number))
		system_call_name(number, out->wait, sizeof(out->wait));
}

static bool read_thread(int pid, int id, enum schedule_depth depth,
			struct schedule_thread *out)
{
	char text[TEXT_SIZE];

	*out = (struct schedule_thread){ .id = id };
	if (!parse_stat(read_small(text, pid, id, "stat"), out))
		return false;
	parse_schedstat(read_small(text, pid, id, "schedstat"), out);
	parse_status(read_small(text, pid, id, "status"), out);
	if (depth == SCHEDULE_WAITS)
		read_wait(pid, id, text, out);
	return true;
}

void schedule_sample_deinit(struct schedule_sample *sample)
{
	pages_release(sample->threads, sample->capacity, sizeof(*sample->threads));
	*sample = (struct schedule_sample){ 0 };
}

// The kernel lists threads by their age, which is nearly the order of their ids.
static bool add_thread(struct schedule_sample *out, const struct schedule_thread *thread)
{
	size_t at = out->count;
	struct schedule_thread *threads = pages_reserve(out->threads, &out->capacity,
							out->count + 1, sizeof(*thread));

	if (threads == NULL)
		return false;
	out->threads = threads;
	for (; at > 0 && threads[at - 1].id > thread->id; at--)
		threads[at] = threads[at - 1];
	threads[at] = *thread;
	out->count++;
	return true;
}

static bool add_id(int pid, int id, enum schedule_depth depth,
		   struct schedule_sample *out)
{
	struct schedule_thread thread;

	return !read_thread(pid, id, depth, &thread) || thread.state == 'Z' ||
	       thread.state == 'X' || add_thread(out, &thread);
}

// struct linux_dirent64 of getdents64(2), whose name is what follows.
struct entry {
	uint64_t inode, next;
	uint16_t size;
	uint8_t type;
	char name[];
};

static bool add_entries(int pid, const char *entries, size_t size,
			enum schedule_depth depth, struct schedule_sample *out)
{
	for (size_t at = 0; at < size;) {
		const struct entry *entry =
			(const struct entry *)(const void *)(entries + at);
		uint64_t id;

		if (str_to_u64(str_from(entry->name), 10, &id) &&
		    !add_id(pid, (int)id, depth, out))
			return false;
		at += entry->size;
	}
	return true;
}

// opendir would allocate.
static bool add_all(int pid, enum schedule_depth depth, struct schedule_sample *out)
{
	_Alignas(struct entry) char entries[ENTRIES_SIZE];
	bool has_room = true;
	char path[32];
	long size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return true;
	while (has_room &&
	       (size = syscall(SYS_getdents64, fd, entries, sizeof(entries))) > 0)
		has_room = add_entries(pid, entries, (size_t)size, depth, out);
	close(fd);
	return has_room;
}

bool schedule_read(int pid, enum schedule_depth depth, struct schedule_sample *out,
		   struct error *err)
{
	out->count = 0;
	if (!add_all(pid, depth, out))
		return error_set(err, ERROR_SYSTEM, "no memory for the threads");
	out->time_ns = (uint64_t)clock_now_ns();
	schedule_cgroup_read_throttling(pid, &out->throttled_ns, &out->throttled_periods);
	return out->count > 0 ||
	       error_set(err, ERROR_NOT_FOUND,
			 "process %d: it has ended, or there is none: see goprof doctor",
			 pid);
}

void schedule_hide(struct schedule_sample *sample, bool (*is_hidden)(int id))
{
	size_t kept = 0;

	for (size_t i = 0; i < sample->count; i++) {
		if (!is_hidden(sample->threads[i].id))
			sample->threads[kept++] = sample->threads[i];
	}
	sample->count = kept;
}

bool schedule_read_bounds(int pid, struct schedule_bounds *out, struct error *err)
{
	cpu_set_t set;

	if (sched_getaffinity(pid, sizeof(set), &set) != 0)
		return error_set_errno(err, errno,
				       "process %d: check that it runs: its processors",
				       pid);
	*out = (struct schedule_bounds){ .processors = CPU_COUNT(&set) };
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &set))
			out->highest = i;
	}
	out->quota = schedule_cgroup_read_quota(pid);
	return true;
}

const struct schedule_thread *schedule_find(const struct schedule_sample *sample, int id)
{
	size_t low = 0, high = sample->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sample->threads[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sample->count && sample->threads[low].id == id
		       ? &sample->threads[low]
		       : NULL;
}

static void count_now(const struct schedule_sample *sample, struct schedule_line *line)
{
	line->threads = sample->count;
	for (size_t i = 0; i < sample->count; i++) {
		const struct schedule_thread *thread = &sample->threads[i];
		int processor = thread->processor;

		if (thread->state != 'R') {
			line->blocked++;
			continue;
		}
		line->runnable++;
		if (processor >= 0 && processor < SCHEDULE_PROCESSORS_MAX) {
			if (processor >= line->queue_count)
				line->queue_count = processor + 1;
			line->queues[processor]++;
		}
	}
	// The kernel does not tell who of them is on the processor, only that one may be.
	for (int i = 0; i < line->queue_count; i++) {
		if (line->queues[i] == 0)
			continue;
		line->queues[i]--;
		line->running++;
		line->runnable--;
	}
}

// A counter's growth; a thread's id that came to another thread starts anew.
static uint64_t growth(uint64_t before, uint64_t after)
{
	return after >= before ? after - before : after;
}

static void add_growth(const struct schedule_sample *before,
		       const struct schedule_sample *after, struct schedule_line *line)
{
	static const struct schedule_thread nothing;

	for (size_t i = 0; i < after->count; i++) {
		const struct schedule_thread *now = &after->threads[i];
		const struct schedule_thread *then = schedule_find(before, now->id);

		if (then == NULL)
			then = &nothing;
		line->run_ns += growth(then->run_ns, now->run_ns);
		line->delay_ns += growth(then->delay_ns, now->delay_ns);
		line->slices += growth(then->slices, now->slices);
		line->voluntary += growth(then->voluntary, now->voluntary);
		line->forced += growth(then->forced, now->forced);
	}
	line->throttled_ns = growth(before->throttled_ns, after->throttled_ns);
	line->throttled_periods =
		growth(before->throttled_periods, after->throttled_periods);
}

void schedule_compare(const struct schedule_bounds *bounds,
		      const struct schedule_sample *before,
		      const struct schedule_sample *after, struct schedule_line *out)
{
	*out = (struct schedule_line){ .processors = bounds->processors,
				       .quota = bounds->quota,
				       .period_ns = after->time_ns - before->time_ns,
				       .queue_count = bounds->highest + 1 };
	count_now(after, out);
	add_growth(before, after, out);
	out->idle_processors = bounds->processors > (int)out->running
				       ? bounds->processors - (int)out->running
				       : 0;
	if (out->period_ns > 0) {
		out->average_running = (double)out->run_ns / (double)out->period_ns;
		out->average_runnable = (double)out->delay_ns / (double)out->period_ns;
	}
}
