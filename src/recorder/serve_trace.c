// The trace is in a memory file, which threads fill and the server sends.
#include "recorder/serve_trace.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pages.h"
#include "http/query.h"
#include "profile/trace.h"
#include "recorder/number.h"
#include "recorder/state.h"
#include "recorder/tracer.h"

enum {
	RECORDING_SIZE = 64 << 20, // as much as is used is there
	SIZE_DEFAULT = 256 << 20,  // beside the recording
	SIZE_MAX_MIB = 16 << 10,
	MIB_SHIFT = 20,
};

struct serve_trace {
	struct trace_head *head;
	uint64_t size;
	int fd;
};

static uint64_t size_of(struct str query)
{
	uint64_t size = SIZE_DEFAULT;
	char text[32];

	number_read(http_query_value(query, STR("size"), text, sizeof(text)), &size);
	if (size > (uint64_t)SIZE_MAX_MIB << MIB_SHIFT)
		size = (uint64_t)SIZE_MAX_MIB << MIB_SHIFT;
	if (size < TRACE_CHUNK_SIZE)
		size = TRACE_CHUNK_SIZE;
	size += TRACE_HEAD_SIZE + RECORDING_SIZE;
	return size & ~(uint64_t)(TRACE_HEAD_SIZE - 1);
}

static bool map(struct serve_trace *trace, struct str query, struct error *err)
{
	char text[8];
	void *memory = MAP_FAILED;

	trace->size = size_of(query);
	trace->fd = memfd_create("goprof allocation trace", MFD_CLOEXEC);
	if (trace->fd >= 0 && ftruncate(trace->fd, (off_t)trace->size) == 0)
		memory = mmap(NULL, trace->size, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_NORESERVE, trace->fd, 0);
	if (memory == MAP_FAILED)
		return error_set_errno(err, errno, "making room for a trace");
	trace->head = memory;
	trace->head->size = trace->size;
	trace->head->is_part = true;
	trace->head->is_brief = str_equal(
		http_query_value(query, STR("frees"), text, sizeof(text)), STR("brief"));
	return true;
}

static void unmap(struct serve_trace *trace)
{
	if (trace->head != NULL)
		munmap(trace->head, trace->size);
	if (trace->fd >= 0)
		close(trace->fd);
	pages_unmap(trace, sizeof(*trace));
}

struct serve_trace *serve_trace_begin(struct str query, struct error *err)
{
	struct serve_trace *trace = pages_map(sizeof(*trace));

	if (trace == NULL) {
		(void)!error_set(err, ERROR_SYSTEM, "no memory for a trace");
		return NULL;
	}
	trace->fd = -1;
	if (!allocator_is_hooked())
		(void)!error_set(err, ERROR_UNSUPPORTED,
				 "the program has an allocator of its own, or one is "
				 "loaded before libgoprof: its allocations are not seen");
	else if (map(trace, query, err)) {
		if (tracer_begin(trace->head, RECORDING_SIZE))
			return trace;
		(void)!error_set(err, ERROR_LIMIT,
				 "its allocations are traced already, by somebody else "
				 "or because GOPROF or goprof run says so");
	}
	unmap(trace);
	return NULL;
}

bool serve_trace_is_full(const struct serve_trace *trace)
{
	return atomic_load(&trace->head->lost) != 0;
}

int serve_trace_end(struct serve_trace *trace)
{
	bool is_left;
	uint64_t end = tracer_end(&is_left);
	int fd = trace->fd;

	trace->fd = -1;
	// Where a thread may still write to it it stays where it is.
	if (!is_left)
		trace->head = NULL;
	else if (ftruncate(fd, (off_t)end) != 0 || lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		fd = -1;
	}
	unmap(trace);
	return fd;
}

void serve_trace_drop(struct serve_trace *trace)
{
	int fd = serve_trace_end(trace);

	if (fd >= 0)
		close(fd);
}
