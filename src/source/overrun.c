// Rounding what each stream has counted to periods.
#include "source/overrun.h"

#include <stdlib.h>

#include "base/arena.h"

struct overrun_stream {
	uint64_t told; // of what it counted, by the samples so far
	uint32_t gaps; // in the recording by then
};

void overrun_deinit(struct overrun *overrun)
{
	map_deinit(&overrun->rows);
	free(overrun->streams);
}

static struct overrun_stream *stream_of(struct overrun *overrun, uint64_t id)
{
	uint32_t *row = map_put(&overrun->rows, id);

	if (*row == MAP_NONE) {
		overrun->streams =
			table_reserve(overrun->streams, &overrun->capacity,
				      overrun->count + 1, sizeof(*overrun->streams));
		overrun->streams[overrun->count] = (struct overrun_stream){ 0 };
		*row = (uint32_t)overrun->count++;
	}
	return &overrun->streams[*row];
}

uint64_t overrun_take(struct overrun *overrun, uint64_t stream_id, uint64_t counted)
{
	struct overrun_stream *stream = stream_of(overrun, stream_id);
	uint64_t since = counted > stream->told ? counted - stream->told : 0;
	uint64_t taken = since / overrun->period +
			 (since % overrun->period >= overrun->period / 2);

	if (stream->gaps != overrun->gaps) {
		stream->gaps = overrun->gaps;
		stream->told = counted;
		return overrun->period;
	}
	if (taken == 0)
		taken = 1;
	stream->told += taken * overrun->period;
	return taken * overrun->period;
}

void overrun_note_gap(struct overrun *overrun)
{
	overrun->gaps++;
}
