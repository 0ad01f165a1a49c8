// Adds up the buckets of the heap.
#include "recorder/statistics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/str.h"
#include "goprof.h"
#include "profile/recording_kinds.h"
#include "recorder/state.h"

static void add_heap(const struct recording *recording, struct goprof_memory_stats *stats)
{
	const struct recording_profile *heap = recording_find_profile(STR("heap"));
	uint64_t period = recording->states[RECORDING_HEAP].period;
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(recording, RECORDING_HEAP, &cursor)) != NULL) {
		int64_t values[RECORDING_VALUES_MAX];

		heap->values(bucket, period, values);
		stats->total_objects += (uint64_t)values[0];
		stats->total_alloc += (uint64_t)values[1];
		stats->heap_objects += (uint64_t)values[2];
		stats->heap_alloc += (uint64_t)values[3];
	}
	stats->samples_lost = recording->states[RECORDING_HEAP].lost;
	stats->recorder = recording->buckets_end;
}

// The second number of statm: pages that are resident.
static bool read_resident(uint64_t *out)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text));
	struct str rest = { text, length < 0 ? 0 : (size_t)length }, word;
	uint64_t pages;

	if (fd >= 0)
		close(fd);
	if (!str_cut(&rest, ' ', &word) || !str_cut(&rest, ' ', &word) ||
	    !str_to_u64(word, 10, &pages))
		return false;
	*out = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return true;
}

bool statistics_read(struct goprof_memory_stats *stats)
{
	const struct recording *recording = state_recording();
	struct rusage usage;

	*stats = (struct goprof_memory_stats){ 0 };
	if (recording != NULL)
		add_heap(recording, stats);
	if (!read_resident(&stats->resident) || getrusage(RUSAGE_SELF, &usage) != 0)
		return false;
	stats->peak_resident = (uint64_t)usage.ru_maxrss * 1024;
	return true;
}
