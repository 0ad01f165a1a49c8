// The allocator is the one whose functions are there: jemalloc's, tcmalloc's, else
// glibc's.
#include "recorder/memstats.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <unistd.h>

#include "base/str.h"
#include "base/writer.h"
#include "goprof.h"
#include "recorder/collector.h"
#include "recorder/state.h"
#include "recorder/statistics.h"
#include "recorder/thread.h"

typedef int mallctl_fn(const char *name, void *old, size_t *old_size, void *new,
		       size_t new_size);
typedef int tcmalloc_fn(const char *name, size_t *value);
typedef struct mallinfo2 mallinfo2_fn(void);

static uint64_t ask_jemalloc(mallctl_fn *mallctl, const char *name)
{
	size_t value = 0, size = sizeof(value);

	return mallctl(name, &value, &size, NULL, 0) == 0 ? value : 0;
}

// jemalloc(3): mapped leaves out what is retained, which is address space without memory.
static bool read_jemalloc(struct goprof_memstats *stats)
{
	mallctl_fn *mallctl;
	uint64_t epoch = 1, retained;
	size_t size = sizeof(epoch);

	*(void **)&mallctl = dlsym(RTLD_DEFAULT, "mallctl");
	if (mallctl == NULL)
		return false;
	mallctl("epoch", &epoch, &size, &epoch, size);
	retained = ask_jemalloc(mallctl, "stats.retained");
	stats->allocator = "jemalloc";
	stats->heap_alloc = ask_jemalloc(mallctl, "stats.allocated");
	stats->heap_inuse = ask_jemalloc(mallctl, "stats.active");
	stats->heap_sys = ask_jemalloc(mallctl, "stats.mapped") + retained;
	stats->heap_released = retained;
	return true;
}

static uint64_t ask_tcmalloc(tcmalloc_fn *ask, const char *name)
{
	size_t value = 0;

	return ask(name, &value) ? value : 0;
}

// gperftools/malloc_extension.h, GetNumericProperty.
static bool read_tcmalloc(struct goprof_memstats *stats)
{
	tcmalloc_fn *ask;
	uint64_t free_bytes;

	*(void **)&ask = dlsym(RTLD_DEFAULT, "MallocExtension_GetNumericProperty");
	if (ask == NULL)
		return false;
	free_bytes = ask_tcmalloc(ask, "tcmalloc.pageheap_free_bytes");
	stats->allocator = "tcmalloc";
	stats->heap_alloc = ask_tcmalloc(ask, "generic.current_allocated_bytes");
	stats->heap_sys = ask_tcmalloc(ask, "generic.heap_size");
	stats->heap_released = ask_tcmalloc(ask, "tcmalloc.pageheap_unmapped_bytes");
	stats->heap_inuse = stats->heap_sys - free_bytes - stats->heap_released;
	return true;
}

// mallinfo(3): arenas, and blocks mapped on their own. Since glibc 2.33.
static bool read_glibc(struct goprof_memstats *stats)
{
	mallinfo2_fn *ask;
	struct mallinfo2 info;

	*(void **)&ask = dlsym(RTLD_DEFAULT, "mallinfo2");
	if (ask == NULL)
		return false;
	info = ask();
	stats->allocator = "glibc";
	stats->heap_alloc = info.uordblks + info.hblkhd;
	stats->heap_sys = info.arena + info.hblkhd;
	stats->heap_inuse = stats->heap_alloc;
	return true;
}

static uint64_t status_kb(struct str text, struct str key)
{
	ptrdiff_t at = str_find(text, key);
	struct str rest;
	uint64_t value = 0;

	if (at == STR_NOT_FOUND)
		return 0;
	rest = str_trim(str_after(text, (size_t)at + key.n));
	for (size_t i = 0; i < rest.n && rest.p[i] >= '0' && rest.p[i] <= '9'; i++)
		value = value * 10 + (uint64_t)(rest.p[i] - '0');
	return value;
}

// Of all private memory that may be written: VmData and VmStk in proc(5).
static bool read_kernel(struct goprof_memstats *stats)
{
	char bytes[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	struct str text = { bytes, size < 0 ? 0 : (size_t)size };

	if (fd >= 0)
		close(fd);
	stats->stack_sys = status_kb(text, STR("\nVmStk:")) * 1024;
	stats->sys = status_kb(text, STR("\nVmData:")) * 1024 + stats->stack_sys;
	stats->resident = status_kb(text, STR("\nVmRSS:")) * 1024;
	return stats->sys != 0;
}

// What only who sees the calls can count: estimates, unless every one is recorded.
static void read_profile(struct goprof_memstats *stats)
{
	struct goprof_memory_stats heap;

	statistics_read(&heap);
	stats->is_counted = atomic_load(&recorder.heap_rate) != 0;
	stats->mallocs = heap.total_objects;
	stats->frees = heap.total_objects - heap.heap_objects;
	stats->heap_objects = heap.heap_objects;
	stats->total_alloc = heap.total_alloc;
}

static void read_collector(struct goprof_memstats *stats)
{
	struct collector_numbers numbers;

	if (!collector_read(&numbers))
		return;
	stats->has_collector = true;
	stats->gc_heap_alloc = numbers.heap - numbers.free - numbers.unmapped;
	stats->gc_heap_sys = numbers.heap;
	stats->gc_heap_released = numbers.unmapped;
	stats->gc_total_alloc = numbers.total_allocated;
	stats->num_gc = numbers.collections;
	stats->pause_total_ns = numbers.pause_ns;
	stats->last_pause_ns = numbers.last_pause_ns;
}

bool memstats_read_own(struct goprof_memstats *stats)
{
	bool was_inside = thread_state.is_inside, is_known;

	*stats = (struct goprof_memstats){ .allocator = "unknown" };
	thread_state.is_inside = true;
	is_known = read_jemalloc(stats) || read_tcmalloc(stats) || read_glibc(stats);
	(void)is_known;
	stats->heap_idle = stats->heap_sys - stats->heap_inuse;
	read_profile(stats);
	read_collector(stats);
	thread_state.is_inside = was_inside;
	return read_kernel(stats);
}

struct line {
	const char *name;
	uint64_t value;
};

static void write_lines(const struct line *lines, size_t count, struct writer *w)
{
	for (size_t i = 0; i < count; i++)
		writer_format(w, "%s %" PRIu64 "\n", lines[i].name, lines[i].value);
}

static void write_collector(const struct goprof_memstats *stats, struct writer *w)
{
	const struct line lines[] = {
		{ "GCHeapAlloc", stats->gc_heap_alloc },
		{ "GCHeapSys", stats->gc_heap_sys },
		{ "GCHeapReleased", stats->gc_heap_released },
		{ "GCTotalAlloc", stats->gc_total_alloc },
		{ "NumGC", stats->num_gc },
		{ "PauseTotalNs", stats->pause_total_ns },
		{ "LastPauseNs", stats->last_pause_ns },
	};

	write_lines(lines, sizeof(lines) / sizeof(lines[0]), w);
}

void memstats_write(const struct goprof_memstats *stats, struct writer *w)
{
	const struct line lines[] = {
		{ "Alloc", stats->heap_alloc },
		{ "Sys", stats->sys },
		{ "HeapAlloc", stats->heap_alloc },
		{ "HeapSys", stats->heap_sys },
		{ "HeapIdle", stats->heap_idle },
		{ "HeapInuse", stats->heap_inuse },
		{ "HeapReleased", stats->heap_released },
		{ "StackSys", stats->stack_sys },
		{ "Resident", stats->resident },
		{ "TotalAlloc", stats->total_alloc },
		{ "Mallocs", stats->mallocs },
		{ "Frees", stats->frees },
		{ "HeapObjects", stats->heap_objects },
	};
	// The last four are known by the heap profile alone.
	size_t count = sizeof(lines) / sizeof(lines[0]) - (stats->is_counted ? 0 : 4);

	writer_format(w, "Allocator %s\n", stats->allocator);
	write_lines(lines, count, w);
	if (stats->has_collector)
		write_collector(stats, w);
}
