// Opening events until no thread is left without, and merging the rings by time.
#include "source/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "target/capability.h"
#include "target/perf_record.h"

enum {
	RING_BYTES = 4 << 20,
	RING_BYTES_LEAST = 128 << 10,
	// The most that a sample has beside its stack: registers and a chain of 127.
	SAMPLE_BYTES = 1280,
	// Rounds of looking for threads that were started while we attached to others.
	ROUNDS_MAX = 20,
};

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void attach_init(struct attach *attach, const struct perf_event_options *options)
{
	size_t capacity = 0;

	*attach = (struct attach){
		.options = *options,
		.wanted = options->follow,
		.overrun = { .period = options->period_ns },
	};
	attach->cpu_count = (int)sysconf(_SC_NPROCESSORS_CONF);
	attach->rings = calloc((size_t)attach->cpu_count, sizeof(*attach->rings));
	if (attach->rings == NULL)
		arena_out_of_memory(sizeof(*attach->rings));
	attach->ring_fds =
		table_reserve(NULL, &capacity, (size_t)attach->cpu_count, sizeof(int));
	for (int cpu = 0; cpu < attach->cpu_count; cpu++)
		attach->ring_fds[cpu] = -1;
	raise_file_limit();
}

static uint64_t read_counts(const struct attach *attach)
{
	uint64_t sum = attach->counted_ns;

	for (size_t i = 0; i < attach->fd_count; i++)
		sum += perf_event_counted_ns(attach->fds[i]);
	return sum;
}

uint64_t attach_counted_ns(const struct attach *attach)
{
	uint64_t sum = read_counts(attach);

	if (attach->options.follow != attach->wanted || sum < attach->doubled_ns)
		return 0;
	return sum - attach->doubled_ns;
}

void attach_close(struct attach *attach)
{
	attach->counted_ns = read_counts(attach);
	for (int cpu = 0; cpu < attach->cpu_count; cpu++) {
		perf_ring_close(&attach->rings[cpu]);
		attach->ring_fds[cpu] = -1;
	}
	for (size_t i = 0; i < attach->fd_count; i++)
		close(attach->fds[i]);
	attach->fd_count = 0;
	map_deinit(&attach->owners);
	map_deinit(&attach->threads);
	attach->owners = attach->threads = (struct map){ 0 };
}

void attach_deinit(struct attach *attach)
{
	attach_close(attach);
	overrun_deinit(&attach->overrun);
	free(attach->fds);
	free(attach->rings);
	free(attach->ring_fds);
}

// Asks for less, when that may be what keeps the kernel from opening the first event.
static bool ask_for_less(struct perf_event_options *options, int errnum)
{
	if ((errnum == EACCES || errnum == EPERM) &&
	    options->kernel != PERF_KERNEL_EXCLUDED) {
		options->kernel = PERF_KERNEL_EXCLUDED;
		// Time in the kernel is counted, but is not the next sample's.
		options->has_counts = false;
		return true;
	}
	if (errnum == EINVAL && options->has_counts) {
		options->has_counts = false;
		return true;
	}
	// Before Linux 5.13 there is no inherit_thread; whoever asked must filter then.
	if (errnum == EINVAL && options->follow == PERF_FOLLOW_THREADS) {
		options->follow = PERF_FOLLOW_CHILDREN;
		return true;
	}
	return false;
}

static int open_event(struct attach *attach, int tid, int cpu)
{
	int fd = perf_event_open_thread(&attach->options, tid, cpu);

	while (fd < 0 && attach->fd_count == 0 && ask_for_less(&attach->options, errno))
		fd = perf_event_open_thread(&attach->options, tid, cpu);
	return fd;
}

static bool connect_ring(struct attach *attach, int fd, int cpu, struct error *err)
{
	if (attach->ring_fds[cpu] < 0) {
		if (!perf_ring_open(&attach->rings[cpu], fd, RING_BYTES, RING_BYTES_LEAST,
				    err))
			return false;
		attach->ring_fds[cpu] = fd;
		return true;
	}
	if (!perf_event_redirect(fd, attach->ring_fds[cpu]))
		return error_set_errno(err, errno, "joining the ring of CPU %d", cpu);
	return true;
}

static void add_fd(struct attach *attach, int fd, int tid)
{
	attach->fds = table_reserve(attach->fds, &attach->fd_capacity,
				    attach->fd_count + 1, sizeof(int));
	attach->fds[attach->fd_count++] = fd;
	*map_put(&attach->owners, perf_event_id(fd)) = (uint32_t)tid;
	*map_put(&attach->threads, (uint64_t)tid) = 1;
}

bool attach_thread(struct attach *attach, int tid, struct error *err)
{
	for (int cpu = 0; cpu < attach->cpu_count; cpu++) {
		int fd = open_event(attach, tid, cpu);

		if (fd < 0 && errno == ESRCH)
			return true;
		if (fd < 0 && errno == ENODEV) // the CPU is offline
			continue;
		if (fd < 0)
			return capability_explain_perf(tid, errno, err);
		add_fd(attach, fd, tid);
		if (!connect_ring(attach, fd, cpu, err))
			return false;
		if (attach->options.start == PERF_START_DISABLED)
			perf_event_enable(fd);
	}
	return true;
}

// One round over the process and, if asked for, its descendants; tells whether there was
// a thread without events.
static bool attach_round(struct attach *attach, int pid, struct process_ids *seen,
			 bool *found_new, struct error *err)
{
	struct process_ids processes = { 0 }, threads = { 0 };
	bool is_done = true;

	process_ids_add(&processes, pid);
	if (attach->wanted == PERF_FOLLOW_CHILDREN)
		process_add_descendants(pid, &processes);
	for (size_t i = 0; i < processes.count; i++) {
		process_add_threads(processes.ids[i], &threads);
		if (!process_ids_contain(seen, processes.ids[i]))
			process_ids_add(seen, processes.ids[i]);
	}
	*found_new = false;
	for (size_t i = 0; i < threads.count && is_done; i++) {
		if (map_get(&attach->threads, (uint64_t)threads.ids[i]) != MAP_NONE)
			continue;
		*found_new = true;
		is_done = attach_thread(attach, threads.ids[i], err);
	}
	process_ids_deinit(&processes);
	process_ids_deinit(&threads);
	return is_done;
}

bool attach_process(struct attach *attach, int pid, struct process_ids *seen,
		    struct error *err)
{
	bool found_new = true;

	for (int round = 0; round < ROUNDS_MAX && found_new; round++) {
		if (!attach_round(attach, pid, seen, &found_new, err))
			return false;
	}
	if (attach->fd_count == 0)
		return capability_explain_perf(pid, ESRCH, err);
	return true;
}

// Whether it comes from an inherited event of a thread that has one of its own.
static bool is_double(const struct attach *attach, const struct perf_record *record)
{
	uint32_t owner = map_get(&attach->owners, record->event_id);

	return record->type == PERF_RECORD_SAMPLE && owner != (uint32_t)record->tid &&
	       map_get(&attach->threads, (uint64_t)record->tid) != MAP_NONE;
}

// Gives a sample the CPU time that it stands for.
static void weigh(struct attach *attach, struct perf_record *record)
{
	struct perf_sample *sample = &record->sample;

	if (record->type == PERF_RECORD_LOST || record->type == PERF_RECORD_LOST_SAMPLES)
		overrun_note_gap(&attach->overrun);
	if (record->type != PERF_RECORD_SAMPLE)
		return;
	sample->period = attach->options.period_ns;
	if (attach->options.has_counts)
		sample->period = overrun_take(&attach->overrun, sample->stream_id,
					      sample->counted);
}

static void hand_over(struct attach *attach, const struct perf_event_header *header,
		      struct attach_sink *sink)
{
	struct perf_record record;
	uint64_t tid;

	if (!perf_record_decode(header, perf_event_layout(&attach->options), &record))
		return;
	tid = (uint64_t)record.tid;
	weigh(attach, &record);
	if (is_double(attach, &record)) {
		attach->doubled_ns += record.sample.period;
		return;
	}
	sink->record(sink, &record);
	// The number may be given to another thread.
	if (record.type == PERF_RECORD_EXIT && map_get(&attach->threads, tid) != MAP_NONE)
		*map_put(&attach->threads, tid) = MAP_NONE;
}

void attach_drain(struct attach *attach, uint64_t until_ns, struct attach_sink *sink)
{
	for (int cpu = 0; cpu < attach->cpu_count; cpu++) {
		if (attach->ring_fds[cpu] >= 0)
			perf_ring_refresh(&attach->rings[cpu]);
	}
	for (;;) {
		const struct perf_event_header *oldest = NULL;
		uint64_t oldest_ns = until_ns;
		int oldest_cpu = 0;

		for (int cpu = 0; cpu < attach->cpu_count; cpu++) {
			const struct perf_event_header *header;

			if (attach->ring_fds[cpu] < 0)
				continue;
			header = perf_ring_peek(&attach->rings[cpu]);
			if (header == NULL || perf_record_time(header) > oldest_ns)
				continue;
			oldest = header;
			oldest_ns = perf_record_time(header);
			oldest_cpu = cpu;
		}
		if (oldest == NULL)
			return;
		hand_over(attach, oldest, sink);
		perf_ring_advance(&attach->rings[oldest_cpu]);
		perf_ring_release(&attach->rings[oldest_cpu]);
	}
}

static void look_at_ring(struct attach *attach, struct perf_ring *ring,
			 struct attach_sink *sink)
{
	const struct perf_event_header *header;
	struct perf_ring ahead;

	perf_ring_refresh(ring);
	ahead = *ring;
	if (ahead.looked > ahead.tail)
		ahead.tail = ahead.looked;
	while ((header = perf_ring_peek(&ahead)) != NULL) {
		struct perf_record record;

		if (header->type == PERF_RECORD_SAMPLE &&
		    perf_record_decode(header, perf_event_layout(&attach->options),
				       &record) &&
		    !is_double(attach, &record))
			sink->record(sink, &record);
		perf_ring_advance(&ahead);
	}
	ring->looked = ahead.tail;
}

void attach_look(struct attach *attach, struct attach_sink *sink)
{
	for (int cpu = 0; cpu < attach->cpu_count; cpu++) {
		if (attach->ring_fds[cpu] >= 0)
			look_at_ring(attach, &attach->rings[cpu], sink);
	}
}

void attach_stop(struct attach *attach)
{
	for (size_t i = 0; i < attach->fd_count; i++)
		perf_event_disable(attach->fds[i]);
}

uint64_t attach_fill_time_ns(const struct attach *attach)
{
	uint64_t least = RING_BYTES;

	for (int cpu = 0; cpu < attach->cpu_count; cpu++) {
		if (attach->ring_fds[cpu] >= 0 && attach->rings[cpu].size < least)
			least = attach->rings[cpu].size;
	}
	return least / (attach->options.stack_bytes + SAMPLE_BYTES) *
	       attach->options.period_ns;
}
