// Records side by side, far apart, and unreadable ones among them.
#include "golang/records.h"

#include <string.h>
#include <unistd.h>

#include "golang/process.h"
#include "target/live_memory.h"
#include "test.h"

enum { COUNT = 64, SIZE = 24 };

TEST(records_arrive_whatever_their_neighbours)
{
	static uint8_t memory[COUNT][SIZE], far[SIZE];
	static uint8_t copies[COUNT + 2][SIZE];
	struct live_memory live = live_memory_of(getpid());
	struct go_process process = { .pid = getpid(), .memory = &live.memory };
	struct record_want wants[COUNT + 2];
	struct records records = { 0 };

	for (size_t i = 0; i < COUNT; i++) {
		memset(memory[i], (int)i + 1, SIZE);
		// From behind, as the order of addresses is the callee's business.
		wants[i] =
			(struct record_want){ (uint64_t)(uintptr_t)memory[COUNT - 1 - i],
					      copies[COUNT - 1 - i], false };
	}
	memset(far, 200, SIZE);
	wants[COUNT] =
		(struct record_want){ (uint64_t)(uintptr_t)far, copies[COUNT], false };
	wants[COUNT + 1] = (struct record_want){ 16, copies[COUNT + 1], false };
	records_read(&records, &process, wants, COUNT + 2, SIZE);
	CHECK(memcmp(copies, memory, sizeof(memory)) == 0);
	CHECK(memcmp(copies[COUNT], far, SIZE) == 0);
	CHECK(wants[0].address == 16 && !wants[0].is_read);
	for (size_t i = 1; i < COUNT + 2; i++)
		CHECK(wants[i].is_read);
	records_deinit(&records);
}
