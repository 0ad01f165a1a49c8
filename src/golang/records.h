// Many records of one size at once: those that lie near each other arrive together.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct go_process;
struct memory_range;

struct record_want {
	uint64_t address;
	uint8_t *buffer;
	bool is_read;
};

// Room to work in, kept from call to call. Zero-initialised is empty.
struct records {
	uint8_t *bulk;
	struct memory_range *ranges;
	size_t bulk_capacity, range_capacity;
};

// Reads `size` bytes for each; puts the wants in the order of their addresses. In a
// process that runs, those of one call are not of one moment.
void records_read(struct records *records, const struct go_process *process,
		  struct record_want *wants, size_t count, size_t size);
void records_deinit(struct records *records);
