// The kernel takes its time for each range that it is given, and for each page. Guards
// lie side by side, as the runtime allocates them: most of a call share a range.
#include "golang/guarded_read.h"

#include <assert.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "golang/process.h"

enum {
	// A goroutine that waits must be woken, put on a processor and park again to
	// count once, which takes more than 150 ns: 256 times do not fit in here.
	LIMIT_NS = 30000,
	CALL_NS = 50000, // what reading takes at most, and 1 ns a byte, on a slow machine
	RANGE_NS = 2000,
	GAP = 512, // between guards that are read together
	ROOM = GUARDED_READ_MAX * (GUARDED_READ_BYTES + GAP),
};

// The guards of a call, by address, and the ranges that hold them.
struct guards {
	const struct guarded_want *wants[GUARDED_READ_MAX];
	size_t range_of[GUARDED_READ_MAX];
	uint8_t room[ROOM];
};

static void sort_guards(struct guards *guards, const struct guarded_want *wants,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;

		for (; at > 0 && guards->wants[at - 1]->guard > wants[i].guard; at--)
			guards->wants[at] = guards->wants[at - 1];
		guards->wants[at] = &wants[i];
	}
}

// Appends the ranges of the guards; returns how many ranges there are then.
static size_t add_guards(struct guards *guards, size_t count, size_t guard_size,
			 struct memory_range *ranges, size_t range_count)
{
	size_t used = 0, first = range_count;

	for (size_t i = 0; i < count; i++) {
		struct memory_range *last = &ranges[range_count - 1];
		uint64_t guard = guards->wants[i]->guard;

		if (range_count > first && guard - last->address <= last->size + GAP) {
			used += guard + guard_size - last->address - last->size;
			last->size = guard + guard_size - last->address;
		} else {
			ranges[range_count++] = (struct memory_range){
				.address = guard,
				.buffer = guards->room + used,
				.size = guard_size,
			};
			used += guard_size;
		}
		assert(used <= ROOM);
		guards->range_of[i] = range_count - 1;
	}
	return range_count;
}

static void hand_out(const struct guards *guards, struct guarded_want *wants,
		     size_t count, size_t guard_size, const struct memory_range *ranges)
{
	for (size_t i = 0; i < count; i++) {
		struct guarded_want *want = &wants[guards->wants[i] - wants];
		const struct memory_range *range = &ranges[guards->range_of[i]];

		want->is_read = ranges[want - wants].is_read && range->is_read;
		if (want->is_read)
			memcpy(want->guard_buffer,
			       (const uint8_t *)range->buffer +
				       (want->guard - range->address),
			       guard_size);
	}
}

bool guarded_read(const struct go_process *process, struct guarded_want *wants,
		  size_t count, size_t guard_size)
{
	struct memory_range ranges[2 * GUARDED_READ_MAX];
	struct guards guards;
	int64_t start;
	size_t all;

	assert(count <= GUARDED_READ_MAX && guard_size <= GUARDED_READ_BYTES);
	for (size_t i = 0; i < count; i++)
		ranges[i] = (struct memory_range){
			.address = wants[i].address,
			.buffer = wants[i].buffer,
			.size = wants[i].size,
		};
	sort_guards(&guards, wants, count);
	all = add_guards(&guards, count, guard_size, ranges, count);
	start = clock_now_ns();
	go_process_read_many(process, ranges, all);
	if (process->core == NULL && clock_now_ns() - start > LIMIT_NS)
		return false;
	hand_out(&guards, wants, count, guard_size, ranges);
	return true;
}

static long switches_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

// The counter has a byte: should we lose the processor between a stack and the second
// reading of its g, the goroutine may run 256 times and look as before. So such a round
// is not believed, nor one that took longer than it can have by itself.
bool guarded_read_ranges(const struct go_process *process, struct memory_range *ranges,
			 size_t count)
{
	int64_t start = clock_now_ns(), limit = CALL_NS;
	long switches = switches_so_far();

	for (size_t i = 0; i < count; i++)
		limit += RANGE_NS + (int64_t)ranges[i].size;
	go_process_read_many(process, ranges, count);
	return process->core != NULL ||
	       (switches_so_far() == switches && clock_now_ns() - start <= limit);
}
