// Many ranges of our own memory at once.
#include "target/live_memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "test.h"

enum { COUNT = 700 };

TEST(live_memory_reads_what_can_be_read_of_many_ranges)
{
	static uint64_t values[COUNT];
	uint64_t *copies = table_zeroed(COUNT, sizeof(*copies));
	struct memory_range *ranges = table_zeroed(COUNT, sizeof(*ranges));
	size_t bad = 0;

	for (size_t i = 0; i < COUNT; i++) {
		values[i] = i * 3 + 1;
		ranges[i].address = (uint64_t)(uintptr_t)&values[i];
		ranges[i].buffer = &copies[i];
		ranges[i].size = sizeof(copies[i]);
		// Some in the middle and both ends.
		if (i % 97 == 0 || i == COUNT - 1)
			ranges[i].address = 8;
		bad += ranges[i].address == 8;
	}
	CHECK(live_memory_read_many(getpid(), ranges, COUNT) == COUNT - bad);
	for (size_t i = 0; i < COUNT; i++) {
		CHECK(ranges[i].is_read == (ranges[i].address != 8));
		CHECK(copies[i] == (ranges[i].is_read ? values[i] : 0));
	}
	free(copies);
	free(ranges);
}

TEST(live_memory_reads_nothing_of_no_process)
{
	uint64_t value;
	struct memory_range range = { .address = 8, .buffer = &value, .size = 8 };

	CHECK(live_memory_read_many(-1, &range, 1) == 0);
	CHECK(live_memory_read_many(getpid(), NULL, 0) == 0);
}
