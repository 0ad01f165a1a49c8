// Every thread fills a chunk of the file, then claims the next one: no locks, no waiting,
// and a bound on the whole.
#include "recorder/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "profile/recording.h"
#include "recorder/capture.h"
#include "recorder/heap.h"
#include "recorder/talk.h"
#include "recorder/thread.h"
#include "recorder/write.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 // since Linux 5.14
#endif

enum { PATH_SIZE = 1024 };

uint64_t tracer_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// The file that is named; where another process has it already, one with our process id
// behind the name.
static int make_file(char *path)
{
	int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);
	size_t length = 0;

	if (fd >= 0 || errno != EEXIST)
		return fd;
	while (path[length] != '\0')
		length++;
	snprintf(path + length, PATH_SIZE - length, ".%d", getpid());
	return open(path, flags, 0600);
}

static struct trace_head *map_file(int fd, uint64_t size, uint64_t recording_size)
{
	// The disk must not be found full by a write to mapped memory, which would end
	// the program; chunks are asked for one by one.
	bool is_full =
		fallocate(fd, 0, 0, (off_t)(TRACE_HEAD_SIZE + recording_size)) != 0 &&
		errno == ENOSPC;
	struct trace_head *trace = MAP_FAILED;
	struct stat status;

	if (!is_full && fstat(fd, &status) == 0 && ftruncate(fd, (off_t)size) == 0)
		trace = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (trace == MAP_FAILED)
		return NULL;
	recorder.trace_inode = status.st_ino;
	return trace;
}

struct recording *tracer_map(void)
{
	const struct settings *settings = &recorder.settings;
	uint64_t recording_size = settings->memory & ~(uint64_t)(TRACE_HEAD_SIZE - 1);
	uint64_t size = settings->trace_size & ~(uint64_t)(TRACE_HEAD_SIZE - 1);
	struct trace_head *trace = NULL;
	char path[PATH_SIZE];
	int fd;

	recorder.trace = NULL;
	if (size < TRACE_HEAD_SIZE + recording_size + TRACE_CHUNK_SIZE)
		size = 2 * (TRACE_HEAD_SIZE + recording_size);
	if (!write_expand_path(settings->trace, path, PATH_SIZE - 16))
		return NULL;
	fd = make_file(path);
	if (fd >= 0) {
		trace = map_file(fd, size, recording_size);
		if (trace == NULL)
			unlink(path);
		close(fd);
	}
	if (trace == NULL) {
		talk("%s: no file for the allocation trace: error %d", path, errno);
		return NULL;
	}
	trace_init(trace, size, recording_size);
	trace->started_ns = state_now_ns();
	trace->clock_ns = tracer_now_ns();
	recorder.trace = trace;
	memcpy(recorder.trace_path, path, sizeof(path));
	if (str_equal(settings->trace, STR(SETTINGS_TRACE_DEFAULT)))
		talk("allocations are traced into %s: goprof alloctrace --read prints it",
		     path);
	recording_init((struct recording *)((uintptr_t)trace + TRACE_HEAD_SIZE),
		       recording_size);
	return (struct recording *)((uintptr_t)trace + TRACE_HEAD_SIZE);
}

bool tracer_set_rate(uint64_t rate)
{
	if (rate == 0) {
		atomic_store(&recorder.is_tracing, false);
		return true;
	}
	if (!state_begin() || recorder.trace == NULL)
		return false;
	heap_know_all();
	thread_state.heap_countdown = -1;
	atomic_store(&recorder.is_tracing, true);
	return true;
}

void tracer_reset_child(void)
{
	bool was_tracing = atomic_load(&recorder.is_tracing);

	thread_state.chunk = NULL;
	atomic_store(&recorder.is_tracing, false);
	if (was_tracing && recorder.trace != NULL)
		tracer_set_rate(1);
}

static void lose(struct trace_head *trace)
{
	uint64_t never = 0;

	atomic_fetch_add_explicit(&trace->lost, 1, memory_order_relaxed);
	atomic_compare_exchange_strong(&trace->ended_ns, &never, tracer_now_ns());
}

// The kernel says whether there is room on the disk before the first write does.
static bool is_writable(void *chunk)
{
	uintptr_t page = (uintptr_t)chunk & ~(uintptr_t)(TRACE_HEAD_SIZE - 1);
	int errnum = errno;
	bool is_refused =
		madvise((void *)page, TRACE_CHUNK_SIZE, MADV_POPULATE_WRITE) != 0 &&
		errno != EINVAL;

	errno = errnum;
	return !is_refused;
}

static struct trace_chunk *claim(struct trace_head *trace)
{
	uint64_t number = atomic_load(&trace->claimed);
	struct trace_chunk *chunk;

	// Once it is full the count stays where it is.
	do {
		if (number >= trace_chunk_count(trace))
			return NULL;
	} while (!atomic_compare_exchange_weak(&trace->claimed, &number, number + 1));
	chunk = (struct trace_chunk *)((uintptr_t)trace +
				       trace_chunk_offset(trace, number));
	if (!is_writable(chunk))
		return NULL;
	if (thread_state.tid == 0)
		thread_state.tid = (uint32_t)syscall(SYS_gettid);
	chunk->tid = thread_state.tid;
	chunk->begin_ns = chunk->last_ns = tracer_now_ns();
	return chunk;
}

static bool is_own_stack(const void *block)
{
	uintptr_t address = (uintptr_t)block;

	return address >= thread_state.stack_low && address < thread_state.stack_high;
}

static void add(struct trace_head *trace, const struct trace_record *record)
{
	struct trace_chunk *chunk = thread_state.chunk;

	if (chunk != NULL && trace_add(chunk, record))
		return;
	// A full trace stays full, and the look at its counter is all that it costs.
	chunk = atomic_load_explicit(&trace->lost, memory_order_relaxed) == 0
			? claim(trace)
			: NULL;
	thread_state.chunk = chunk;
	if (chunk == NULL) {
		lose(trace);
		return;
	}
	// A free that was timed before the chunk was there.
	if (record->time_ns < chunk->begin_ns)
		chunk->begin_ns = chunk->last_ns = record->time_ns;
	trace_add(chunk, record);
}

void tracer_note(const struct tracer_event *event, const struct unwind_registers *caller)
{
	struct trace_head *trace = recorder.trace;
	bool has_stack =
		trace_has_size(event->event) || !recorder.settings.trace_is_brief;
	struct recording_bucket *bucket =
		has_stack ? capture_stack(RECORDING_TRACE, 0, caller, 1) : NULL;
	struct trace_record record = {
		.event = event->event,
		.address = (uintptr_t)event->block,
		.size = event->size,
		.time_ns = event->time_ns,
	};

	if (bucket != NULL)
		record.stack = recording_id(state_recording(), bucket);
	if (record.event == TRACE_FREE && is_own_stack(event->block))
		record.event = TRACE_FREE_STACK;
	add(trace, &record);
}

// Only the file that we made: its name may be another one's by now.
static void cut_file(uint64_t size)
{
	int fd = open(recorder.trace_path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && status.st_ino == recorder.trace_inode)
		(void)!ftruncate(fd, (off_t)size);
	close(fd);
}

// Nothing is written behind the chunks that were claimed, for the trace is over.
void tracer_finish(void)
{
	struct trace_head *trace = recorder.trace;
	uint64_t never = 0, end;

	if (trace == NULL || !atomic_exchange(&recorder.is_tracing, false))
		return;
	atomic_compare_exchange_strong(&trace->ended_ns, &never, tracer_now_ns());
	end = trace_chunk_offset(trace, atomic_exchange(&trace->claimed, UINT32_MAX));
	cut_file(end);
}
