// One system call pays for each range it is given, and little for their size: the runtime
// allocates its records side by side, so most share a range.
#include "golang/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "golang/process.h"

enum {
	GAP = 512, // between records that are read together
	RANGE_MAX = 1 << 16,
};

static int compare_addresses(const void *a, const void *b)
{
	const struct record_want *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

// How many wants, from the first on, are read together.
static size_t run_length(const struct record_want *wants, size_t count, size_t size)
{
	size_t n = 1;

	while (n < count && wants[n].address - wants[n - 1].address <= size + GAP &&
	       wants[n].address - wants[0].address <= RANGE_MAX - size)
		n++;
	return n;
}

// Fills in the ranges, with offsets instead of buffers; returns the bytes they need.
static size_t plan(struct records *records, const struct record_want *wants, size_t count,
		   size_t size, size_t *range_count)
{
	size_t bytes = 0, ranges = 0;

	for (size_t i = 0; i < count;) {
		size_t n = run_length(wants + i, count - i, size);
		size_t length = wants[i + n - 1].address - wants[i].address + size;

		records->ranges[ranges++] = (struct memory_range){
			.address = wants[i].address,
			.size = length,
		};
		bytes += length;
		i += n;
	}
	*range_count = ranges;
	return bytes;
}

static void hand_out(struct records *records, const struct go_process *process,
		     struct record_want *wants, size_t count, size_t size)
{
	const struct memory_range *range = records->ranges;

	for (size_t i = 0; i < count; i++) {
		struct record_want *want = &wants[i];

		if (want->address - range->address > range->size - size)
			range++;
		want->is_read = range->is_read;
		if (range->is_read)
			memcpy(want->buffer,
			       (const uint8_t *)range->buffer +
				       (want->address - range->address),
			       size);
		else
			want->is_read = memory_read(process->memory, want->address,
						    want->buffer, size);
	}
}

void records_read(struct records *records, const struct go_process *process,
		  struct record_want *wants, size_t count, size_t size)
{
	size_t range_count, bytes, at = 0;

	if (count == 0)
		return;
	qsort(wants, count, sizeof(*wants), compare_addresses);
	records->ranges = table_reserve(records->ranges, &records->range_capacity, count,
					sizeof(*records->ranges));
	bytes = plan(records, wants, count, size, &range_count);
	records->bulk = table_reserve(records->bulk, &records->bulk_capacity, bytes, 1);
	for (size_t i = 0; i < range_count; i++) {
		records->ranges[i].buffer = records->bulk + at;
		at += records->ranges[i].size;
	}
	go_process_read_many(process, records->ranges, range_count);
	hand_out(records, process, wants, count, size);
}

void records_deinit(struct records *records)
{
	free(records->bulk);
	free(records->ranges);
	*records = (struct records){ 0 };
}
