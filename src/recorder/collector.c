// Times come from the events of one collection: gc.h, GC_EventType. Callbacks run with
// the collector's lock held, some of them while the world stands still, so that nothing
// here allocates or waits for a lock that a stopped thread may have.
#include "recorder/collector.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "recorder/heap.h"
#include "recorder/hook.h"
#include "recorder/state.h"
#include "recorder/thread.h"

enum event {
	EVENT_START,
	EVENT_MARK_START,
	EVENT_MARK_END,
	EVENT_RECLAIM_START,
	EVENT_RECLAIM_END,
	EVENT_END,
	EVENT_PRE_STOP_WORLD,
	EVENT_POST_STOP_WORLD,
	EVENT_PRE_START_WORLD,
	EVENT_POST_START_WORLD,
	EVENTS,
};

// struct GC_prof_stats_s of gc.h; what a version does not know it leaves alone.
struct statistics {
	uint64_t heap, free, unmapped;
	uint64_t allocated_since, allocated_before;
	uint64_t uncollectable, number, markers_less_one;
	uint64_t reclaimed_since, reclaimed_before, freed_since;
	uint64_t obtained;
};

typedef void event_fn(int event);

// One for the process: collections do not overlap.
static struct {
	enum collector_trace trace;
	void (*set_callback)(event_fn *callback);
	size_t (*statistics_unsafe)(struct statistics *out, size_t size);
	size_t (*statistics)(struct statistics *out, size_t size);
	int (*is_marked)(const void *block);
	void *(*base)(void *block);
	_Atomic(event_fn *) program; // the program's own callback
	int64_t begin_ns;            // of watching
	int64_t at_ns[EVENTS];       // of this collection
	int64_t stopped_ns, marking_ns, starting_ns;
	uint64_t live_before;
	_Atomic uint64_t pause_ns, last_pause_ns;
} collector;

static struct statistics read_statistics(void)
{
	struct statistics s = { 0 };

	collector.statistics_unsafe(&s, sizeof(s));
	return s;
}

static uint64_t live_of(const struct statistics *s)
{
	uint64_t unused = s->free + s->unmapped;

	return s->heap > unused ? s->heap - unused : 0;
}

// Thousandths, because the library of formats may allocate for fractions.
#define MS        "%lld.%03lld"
#define MS_OF(ns) (long long)((ns) / 1000000), (long long)((ns) / 1000 % 1000)

struct line {
	int64_t at, stop, mark, start, reclaim; // ns
	uint64_t number, percent;
	uint64_t before, after, heap, system; // KB
	uint64_t markers;
};

static struct line measure(const struct statistics *s)
{
	const int64_t *at = collector.at_ns;
	int64_t elapsed = at[EVENT_END] - collector.begin_ns;

	return (struct line){
		.at = at[EVENT_START] - collector.begin_ns,
		.stop = collector.stopped_ns,
		.mark = collector.marking_ns,
		.start = collector.starting_ns,
		.reclaim = at[EVENT_END] - at[EVENT_RECLAIM_START],
		.number = s->number,
		.percent = elapsed > 0 ? atomic_load(&collector.pause_ns) * 100 /
						 (uint64_t)elapsed
				       : 0,
		.before = collector.live_before >> 10,
		.after = live_of(s) >> 10,
		.heap = s->heap >> 10,
		.system = s->obtained >> 10,
		.markers = s->markers_less_one + 1,
	};
}

static int format_words(char *text, size_t size, const struct line *line)
{
	return snprintf(text, size,
			"gc %" PRIu64 " @" MS "ms %" PRIu64 "%%: " MS "+" MS "+" MS "+" MS
			" ms clock, %" PRIu64 "->%" PRIu64 " KB, %" PRIu64
			" KB heap, %" PRIu64 " KB from the system, %" PRIu64 " P\n",
			line->number, MS_OF(line->at), line->percent, MS_OF(line->stop),
			MS_OF(line->mark), MS_OF(line->start), MS_OF(line->reclaim),
			line->before, line->after, line->heap, line->system,
			line->markers);
}

static int format_json(char *text, size_t size, const struct line *line)
{
	return snprintf(text, size,
			"{\"gc\":%" PRIu64 ",\"at_ms\":" MS ",\"pause_percent\":%" PRIu64
			",\"stop_ms\":" MS ",\"mark_ms\":" MS ",\"start_ms\":" MS
			",\"reclaim_ms\":" MS ",\"before_kb\":%" PRIu64
			",\"after_kb\":%" PRIu64 ",\"heap_kb\":%" PRIu64
			",\"system_kb\":%" PRIu64 ",\"markers\":%" PRIu64 "}\n",
			line->number, MS_OF(line->at), line->percent, MS_OF(line->stop),
			MS_OF(line->mark), MS_OF(line->start), MS_OF(line->reclaim),
			line->before, line->after, line->heap, line->system,
			line->markers);
}

static void print(void)
{
	struct statistics s = read_statistics();
	struct line line = measure(&s);
	char text[512];
	int length = collector.trace == COLLECTOR_JSON
			     ? format_json(text, sizeof(text), &line)
			     : format_words(text, sizeof(text), &line);

	if (length > 0 && write(STDERR_FILENO, text, (size_t)length) < 0)
		return;
}

static bool is_dead(uintptr_t block)
{
	void *pointer = (void *)block;

	return collector.base(pointer) == pointer && !collector.is_marked(pointer);
}

// Marking is over, the world runs, and nothing has been reused yet.
static void prune(void)
{
	if (collector.is_marked == NULL || collector.base == NULL ||
	    thread_state.is_inside)
		return;
	thread_state.is_inside = true;
	heap_forget_blocks(is_dead);
	thread_state.is_inside = false;
}

// The world stands still between PRE_STOP_WORLD and POST_START_WORLD.
static void end_pause(void)
{
	const int64_t *at = collector.at_ns;
	uint64_t lasted =
		(uint64_t)(at[EVENT_POST_START_WORLD] - at[EVENT_PRE_STOP_WORLD]);

	collector.stopped_ns = at[EVENT_POST_STOP_WORLD] - at[EVENT_PRE_STOP_WORLD];
	collector.marking_ns = at[EVENT_PRE_START_WORLD] - at[EVENT_POST_STOP_WORLD];
	collector.starting_ns = at[EVENT_POST_START_WORLD] - at[EVENT_PRE_START_WORLD];
	atomic_fetch_add(&collector.pause_ns, lasted);
	atomic_store(&collector.last_pause_ns, lasted);
}

static void take_event(int event)
{
	if (event < 0 || event >= EVENTS)
		return;
	collector.at_ns[event] = clock_now_ns();
	if (event == EVENT_START) {
		struct statistics s = read_statistics();

		collector.live_before = live_of(&s);
	} else if (event == EVENT_POST_START_WORLD) {
		end_pause();
	} else if (event == EVENT_RECLAIM_START) {
		prune();
	} else if (event == EVENT_END && collector.trace != COLLECTOR_SILENT) {
		print();
	}
}

static void on_event(int event)
{
	event_fn *program = atomic_load(&collector.program);
	int errnum = errno;

	if (program != NULL)
		program(event);
	take_event(event);
	errno = errnum;
}

static void find(void *function, const char *name)
{
	*(void **)function = dlsym(RTLD_NEXT, name);
}

bool collector_watch(enum collector_trace trace)
{
	event_fn *(*get)(void);

	find(&collector.set_callback, "GC_set_on_collection_event");
	find(&get, "GC_get_on_collection_event");
	find(&collector.statistics_unsafe, "GC_get_prof_stats_unsafe");
	find(&collector.statistics, "GC_get_prof_stats");
	find(&collector.is_marked, "GC_is_marked");
	find(&collector.base, "GC_base");
	if (collector.set_callback == NULL || collector.statistics_unsafe == NULL ||
	    collector.statistics == NULL)
		return false;
	collector.trace = trace;
	collector.begin_ns = clock_now_ns();
	atomic_store(&collector.program, get == NULL ? NULL : get());
	collector.set_callback(on_event);
	return true;
}

bool collector_read(struct collector_numbers *out)
{
	struct statistics s = { 0 };

	if (collector.statistics == NULL)
		return false;
	collector.statistics(&s, sizeof(s));
	*out = (struct collector_numbers){
		.heap = s.heap,
		.free = s.free,
		.unmapped = s.unmapped,
		.total_allocated = s.allocated_before + s.allocated_since,
		.obtained = s.obtained,
		.collections = s.number,
		.markers = s.markers_less_one + 1,
		.pause_ns = atomic_load(&collector.pause_ns),
		.last_pause_ns = atomic_load(&collector.last_pause_ns),
	};
	return true;
}

// Where we watch, the program's callback is called by ours.
HOOK void GC_set_on_collection_event(event_fn *callback);

void GC_set_on_collection_event(event_fn *callback)
{
	void (*set)(event_fn *) = NULL;

	if (collector.begin_ns != 0) {
		atomic_store(&collector.program, callback);
		return;
	}
	find(&set, "GC_set_on_collection_event");
	if (set != NULL)
		set(callback);
}

HOOK event_fn *GC_get_on_collection_event(void);

event_fn *GC_get_on_collection_event(void)
{
	event_fn *(*get)(void) = NULL;

	if (collector.begin_ns != 0)
		return atomic_load(&collector.program);
	find(&get, "GC_get_on_collection_event");
	return get == NULL ? NULL : get();
}
