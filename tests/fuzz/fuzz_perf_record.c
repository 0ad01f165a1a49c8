// Decodes hostile perf records, one behind the other, and reads all they claim to hold.
#include <stdlib.h>
#include <string.h>

#include "target/perf_record.h"

static uint64_t sum_of(const struct perf_record *record)
{
	uint64_t sum = record->time_ns;

	if (record->type != PERF_RECORD_SAMPLE)
		return sum;
	for (size_t i = 0; i < record->sample.chain_count; i++)
		sum += record->sample.chain[i];
	for (size_t i = 0; i < record->sample.stack_size; i++)
		sum += record->sample.stack[i];
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	volatile uint64_t sum = 0;

	while (size >= sizeof(struct perf_event_header)) {
		struct perf_event_header header, *copy;
		struct perf_record record;

		memcpy(&header, data, sizeof(header));
		if (header.size < sizeof(header) || header.size > size)
			return 0;
		copy = malloc(header.size);
		memcpy(copy, data, header.size);
		if (perf_record_decode(copy, &perf_record_counted_layout, &record))
			sum += sum_of(&record);
		sum += perf_record_time(copy);
		free(copy);
		data += header.size;
		size -= header.size;
	}
	return 0;
}
