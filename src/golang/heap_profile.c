// Sources: writeHeapProto in src/runtime/pprof/protomem.go and writeHeapInternal in
// src/runtime/pprof/pprof.go.
#include "golang/heap_profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/tabs.h"
#include "base/writer.h"
#include "golang/bucket_stack.h"
#include "golang/memprofile.h"
#include "golang/memstats_text.h"
#include "golang/process.h"
#include "profile/builder.h"

enum { COLUMNS = 4 };

struct build {
	struct profile *profile;
	struct profile_builder builder;
	struct profile_code code;
	struct bucket_stack stack;
};

// A sample of size S is taken with probability 1 - exp(-S / rate).
static void scale(int64_t count, int64_t object_size, int64_t rate, int64_t *values)
{
	double factor = 1;

	if (count == 0 || object_size == 0) {
		values[0] = values[1] = 0;
		return;
	}
	if (rate > 1)
		factor = 1 / (1 - exp(-(double)object_size / (double)rate));
	values[0] = bucket_bounded((double)count * factor);
	values[1] = bucket_bounded((double)(count * object_size) * factor);
}

static uint32_t labels_of(struct build *build, const struct go_process *process,
			  const struct memprofile_record *record)
{
	struct profile_label bytes = {
		.key = profile_intern(build->profile, STR("bytes")),
		.number = record->object_size,
	};
	// Before 1.27 the size was found by division of what was allocated.
	bool is_known = record->object_size != 0 &&
			(record->allocs > 0 || process->version.minor >= 27);

	return profile_builder_labels(&build->builder, &bytes, is_known ? 1 : 0);
}

static void add_record(struct build *build, struct go_process *process,
		       const struct memprofile_record *record, int64_t rate)
{
	int64_t values[COLUMNS];
	uint32_t stack;

	bucket_stack_callers(&build->stack, record->bucket, &build->code);
	stack = profile_builder_stack(&build->builder, build->stack.locations,
				      build->stack.location_count);
	scale(record->allocs, record->object_size, rate, values);
	scale(record->allocs - record->frees, record->object_size, rate, values + 2);
	profile_builder_append(&build->builder, stack, labels_of(build, process, record),
			       values);
}

static void describe(struct profile *profile, const struct memprofile *source,
		     enum heap_profile_view view)
{
	profile->period = source->rate;
	profile->period_type = (struct profile_value_type){
		profile_intern(profile, STR("space")),
		profile_intern(profile, STR("bytes")),
	};
	if (view == HEAP_PROFILE_ALLOC)
		profile->default_type = profile_intern(profile, STR("alloc_space"));
}

struct profile *heap_profile_create(struct go_process *process,
				    const struct memprofile *source,
				    enum heap_profile_view view)
{
	struct build build = {
		.profile = profile_create(),
		.stack = { .process = process },
	};

	build.profile->time_ns = go_process_time_ns(process);
	profile_builder_init(&build.builder, build.profile);
	profile_builder_add_type(&build.builder, STR("alloc_objects"), STR("count"));
	profile_builder_add_type(&build.builder, STR("alloc_space"), STR("bytes"));
	profile_builder_add_type(&build.builder, STR("inuse_objects"), STR("count"));
	profile_builder_add_type(&build.builder, STR("inuse_space"), STR("bytes"));
	profile_code_init(&build.code, process, &build.builder);
	describe(build.profile, source, view);
	for (size_t i = 0; i < source->count; i++)
		add_record(&build, process, &source->records[i], source->rate);
	profile_code_deinit(&build.code);
	profile_builder_deinit(&build.builder);
	bucket_stack_deinit(&build.stack);
	return build.profile;
}

static int64_t inuse_bytes(const struct memprofile_record *record)
{
	return (record->allocs - record->frees) * record->object_size;
}

static int compare_descending(const void *a, const void *b)
{
	int64_t x = inuse_bytes(a), y = inuse_bytes(b);

	return x > y ? -1 : x < y;
}

// By an oversight, kept since: 1.23 turned the order round.
static int compare_ascending(const void *a, const void *b)
{
	return -compare_descending(a, b);
}

static void write_head(const struct go_process *process, const struct memprofile *source,
		       struct writer *w)
{
	uint64_t objects = 0, bytes = 0, allocs = 0, alloc_bytes = 0;

	for (size_t i = 0; i < source->count; i++) {
		const struct memprofile_record *record = &source->records[i];

		objects += (uint64_t)(record->allocs - record->frees);
		bytes += (uint64_t)inuse_bytes(record);
		allocs += (uint64_t)record->allocs;
		alloc_bytes += (uint64_t)(record->allocs * record->object_size);
	}
	// Readers take equal columns for a profile that has only two.
	if (bytes == alloc_bytes && process->version.minor >= 22)
		alloc_bytes++;
	writer_format(w, "heap profile: %lld: %lld [%lld: %lld] @ heap/%lld\n",
		      (long long)objects, (long long)bytes, (long long)allocs,
		      (long long)alloc_bytes, (long long)(2 * (uint64_t)source->rate));
}

static void write_record(const struct memprofile_record *record, struct writer *w)
{
	writer_format(w, "%lld: %lld [%lld: %lld] @",
		      (long long)(record->allocs - record->frees),
		      (long long)inuse_bytes(record), (long long)record->allocs,
		      (long long)(record->allocs * record->object_size));
	for (size_t i = 0; i < record->bucket->depth; i++)
		writer_format(w, " 0x%llx", (unsigned long long)record->bucket->stack[i]);
	writer_char(w, '\n');
}

void heap_profile_write_text(struct go_process *process, const struct memprofile *source,
			     const struct memstats *stats, uint64_t max_rss,
			     struct writer *w)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct bucket_stack stack = { .process = process };
	struct tabs tabs = { 0 };
	struct memprofile_record *records =
		arena_array(&arena, source->count + 1, sizeof(*records));

	if (source->count > 0)
		memcpy(records, source->records, source->count * sizeof(*records));
	qsort(records, source->count, sizeof(*records),
	      process->version.minor >= 23 ? compare_ascending : compare_descending);
	write_head(process, source, w);
	for (size_t i = 0; i < source->count; i++) {
		write_record(&records[i], w);
		bucket_stack_lines(&stack, records[i].bucket, BUCKET_STACK_AS_STORED);
		count_text_stack(&tabs, w, process, stack.lines, stack.line_count);
	}
	memstats_text_foot(stats, max_rss, w);
	tabs_deinit(&tabs);
	bucket_stack_deinit(&stack);
}
