// The table of profiles, with the arithmetic of each.
#include "profile/recording_kinds.h"

#include "base/exponential.h"

static uint64_t events_of(const struct recording_bucket *bucket, unsigned i)
{
	return atomic_load_explicit(&bucket->events[i], memory_order_relaxed);
}

static void event_values(const struct recording_bucket *bucket, uint64_t period,
			 int64_t *values)
{
	(void)period;
	values[0] = (int64_t)events_of(bucket, 0);
	values[1] = (int64_t)events_of(bucket, 1);
}

// How many objects one sampled object of a size stands for, where each byte is sampled
// with probability 1 / period. Source: Go's scaleHeapSample (runtime/pprof/protomem.go).
static double objects_a_sample(uint64_t size, uint64_t period)
{
	if (period <= 1 || size == 0)
		return 1;
	return 1 / (1 - exponential_decay((double)size / (double)period));
}

// To the nearest integer, or to the largest one.
static int64_t rounded(double estimate)
{
	return estimate < 9.2e18 ? (int64_t)(estimate + 0.5) : INT64_MAX;
}

static void heap_values(const struct recording_bucket *bucket, uint64_t period,
			int64_t *values)
{
	uint64_t allocated = events_of(bucket, 0), freed = events_of(bucket, 1);
	// Read one after the other: a free in between is a free too many.
	uint64_t in_use = freed < allocated ? allocated - freed : 0;
	double scale = objects_a_sample(bucket->size, period);

	values[0] = rounded((double)allocated * scale);
	values[1] = rounded((double)(allocated * bucket->size) * scale);
	values[2] = rounded((double)in_use * scale);
	values[3] = rounded((double)(in_use * bucket->size) * scale);
}

static void custom_values(const struct recording_bucket *bucket, uint64_t period,
			  int64_t *values)
{
	(void)period;
	values[0] = (int64_t)(events_of(bucket, 0) - events_of(bucket, 1));
}

#define HEAP_TYPES                                                                \
	{                                                                         \
		{ "alloc_objects", "count" }, { "alloc_space", "bytes" },         \
			{ "inuse_objects", "count" }, { "inuse_space", "bytes" }, \
	}
#define WAIT_TYPES                                                      \
	{                                                               \
		{ "contentions", "count" }, { "delay", "nanoseconds" }, \
	}

static const struct recording_profile profiles[] = {
	{
		.name = "profile",
		.kind = RECORDING_CPU,
		.types = { { "samples", "count" }, { "cpu", "nanoseconds" } },
		.type_count = 2,
		.period_type = { "cpu", "nanoseconds" },
		.default_type = "cpu",
		.is_frequency = true,
		.values = event_values,
	},
	{
		.name = "heap",
		.kind = RECORDING_HEAP,
		.types = HEAP_TYPES,
		.type_count = 4,
		.period_type = { "space", "bytes" },
		.default_type = "inuse_space",
		.size_label = { "bytes", "bytes" },
		.values = heap_values,
	},
	{
		.name = "allocs",
		.kind = RECORDING_HEAP,
		.types = HEAP_TYPES,
		.type_count = 4,
		.period_type = { "space", "bytes" },
		.default_type = "alloc_space",
		.size_label = { "bytes", "bytes" },
		.values = heap_values,
	},
	{
		.name = "block",
		.kind = RECORDING_BLOCK,
		.types = WAIT_TYPES,
		.type_count = 2,
		.period_type = { "contentions", "count" },
		.default_type = "delay",
		.values = event_values,
	},
	{
		.name = "mutex",
		.kind = RECORDING_MUTEX,
		.types = WAIT_TYPES,
		.type_count = 2,
		.period_type = { "contentions", "count" },
		.default_type = "delay",
		.values = event_values,
	},
	{
		.name = "threadcreate",
		.kind = RECORDING_THREADCREATE,
		.types = { { "threadcreate", "count" } },
		.type_count = 1,
		.period_type = { "threadcreate", "count" },
		.default_type = "threadcreate",
		.values = custom_values,
	},
	{
		.name = "threads",
		.kind = RECORDING_THREADS,
		.types = { { "threads", "count" } },
		.type_count = 1,
		.period_type = { "threads", "count" },
		.default_type = "threads",
		.size_label = { "waiting", "nanoseconds" },
		.values = custom_values,
	},
	{
		.name = "goroutine",
		.kind = RECORDING_THREADS,
		.types = { { "goroutine", "count" } },
		.type_count = 1,
		.period_type = { "goroutine", "count" },
		.default_type = "goroutine",
		.size_label = { "waiting", "nanoseconds" },
		.values = custom_values,
	},
};

// Profiles that the program named itself.
static const struct recording_profile custom = {
	.name = "",
	.kind = RECORDING_CUSTOM,
	.types = { { "objects", "count" } },
	.type_count = 1,
	.period_type = { "objects", "count" },
	.default_type = "objects",
	.values = custom_values,
};

const struct recording_profile *recording_find_profile(struct str name)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (str_equal(name, str_from(profiles[i].name)))
			return &profiles[i];
	}
	return NULL;
}

const struct recording_profile *recording_custom_profile(void)
{
	return &custom;
}
