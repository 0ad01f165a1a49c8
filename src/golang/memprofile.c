// Reads runtime.mbuckets until two readings agree.
//
//   memRecord: active, future[3]; memRecordCycle: allocs, frees [, bytes of both]
//
// Allocations go to future[(C+2) % 3] and frees to future[(C+1) % 3], where C counts
// collections; future[C % 3] is what the next flush moves to active. Source:
// src/runtime/mprof.go, releases 1.19 to 1.27.
#include "golang/memprofile.h"

#include <string.h>

#include "base/error.h"
#include "golang/layout.h"
#include "golang/process.h"

enum { FUTURES = 3, TRIES = 8 };

// Beyond what an address space, and the life of a program, has room for.
static const int64_t object_limit = (int64_t)1 << 48, bytes_limit = (int64_t)1 << 62;

struct cycle {
	int64_t allocs, frees;
};

static struct cycle cycle_at(const struct go_layout *layout, const struct bucket *bucket,
			     int32_t offset)
{
	return (struct cycle){
		(int64_t)bucket_word(bucket, offset + layout->mem_record_cycle.allocs),
		(int64_t)bucket_word(bucket, offset + layout->mem_record_cycle.frees),
	};
}

static struct cycle future_of(const struct go_layout *layout, const struct bucket *bucket,
			      uint32_t index)
{
	return cycle_at(layout, bucket,
			layout->mem_record.future +
				(int32_t)index * layout->mem_record_cycle.size);
}

static void add(struct memprofile_record *record, struct cycle cycle)
{
	record->allocs = (int64_t)((uint64_t)record->allocs + (uint64_t)cycle.allocs);
	record->frees = (int64_t)((uint64_t)record->frees + (uint64_t)cycle.frees);
}

// The published part of one bucket is active and, until it is flushed, what is due.
static struct memprofile_record record_of(const struct go_layout *layout,
					  const struct bucket *bucket, uint32_t cycle)
{
	struct memprofile_record record = {
		.bucket = bucket,
		.object_size = (int64_t)bucket->object_size,
	};

	add(&record, cycle_at(layout, bucket, layout->mem_record.active));
	add(&record, future_of(layout, bucket, cycle % FUTURES));
	return record;
}

static bool is_empty(const struct memprofile *profile)
{
	for (size_t i = 0; i < profile->count; i++)
		if (profile->records[i].allocs != 0 || profile->records[i].frees != 0)
			return false;
	return true;
}

static void add_unpublished(struct memprofile *profile, const struct go_layout *layout,
			    uint32_t cycle)
{
	for (size_t i = 0; i < profile->count; i++) {
		struct memprofile_record *record = &profile->records[i];

		for (uint32_t ahead = 1; ahead < FUTURES; ahead++)
			add(record,
			    future_of(layout, record->bucket, (cycle + ahead) % FUTURES));
	}
}

// A pair that was caught half-way must not show as memory that is negative.
static void clamp(struct memprofile_record *record)
{
	if (record->object_size < 0 || record->object_size > object_limit)
		record->object_size = 0;
	if (record->allocs > bytes_limit / (record->object_size + 1))
		record->allocs = bytes_limit / (record->object_size + 1);
	if (record->allocs < 0)
		record->allocs = 0;
	if (record->frees < 0)
		record->frees = 0;
	if (record->frees > record->allocs)
		record->frees = record->allocs;
}

static bool read_once(const struct go_process *process, uint32_t cycle,
		      struct memprofile *out, struct error *err)
{
	const struct go_layout *layout = process->layout;

	if (!bucket_list_read(process, STR("runtime.mbuckets"),
			      (size_t)layout->mem_record.size, &out->buckets, err))
		return false;
	out->count = out->buckets.count;
	out->records =
		arena_array(&out->buckets.arena, out->count, sizeof(*out->records));
	for (size_t i = 0; i < out->count; i++)
		out->records[i] = record_of(layout, &out->buckets.items[i], cycle);
	return true;
}

static bool is_same(const struct memprofile *a, const struct memprofile *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->records[i].allocs != b->records[i].allocs ||
		    a->records[i].frees != b->records[i].frees)
			return false;
	return true;
}

static bool read_cycle(const struct go_process *process, uint64_t address, uint32_t *out)
{
	return memory_read(process->memory, address, out, sizeof(*out));
}

// Two readings that agree, with the cycle the same before and after, saw no flush. New
// buckets are only added in front, and have published nothing.
static bool read_settled(const struct go_process *process, uint64_t cycle_address,
			 struct memprofile *out, uint32_t *cycle, struct error *err)
{
	struct memprofile now, last = { 0 };
	uint32_t before, after;

	for (int i = 0; i < TRIES && !last.is_settled; i++) {
		now = (struct memprofile){ 0 };
		if (!read_cycle(process, cycle_address, &before) ||
		    !read_once(process, before >> 1, &now, err) ||
		    !read_cycle(process, cycle_address, &after)) {
			memprofile_deinit(&now);
			memprofile_deinit(&last);
			return false;
		}
		now.is_settled = i > 0 && before == after && is_same(&now, &last);
		memprofile_deinit(&last);
		last = now;
		*cycle = before >> 1;
	}
	*out = last;
	return true;
}

bool memprofile_read(const struct go_process *process, enum memprofile_moment moment,
		     struct memprofile *out, struct error *err)
{
	const struct go_layout *layout = process->layout;
	uint64_t disabled =
		go_process_find(process, STR("runtime.disableMemoryProfiling"));
	struct memprofile profile;
	uint64_t rate, cycle_address;
	uint32_t cycle = 0;

	if (!go_process_need(process, STR("runtime.MemProfileRate"), &rate, err) ||
	    !go_process_need(process, STR("runtime.mProfCycle"), &cycle_address, err))
		return false;
	error_set(err, ERROR_NOT_FOUND,
		  "it ended, or its memory cannot be read any more");
	if (!read_settled(process, cycle_address, &profile, &cycle, err))
		return false;
	// Before the first collection has published anything, runtime/pprof shows all.
	if (moment == MEMPROFILE_LIVE || is_empty(&profile))
		add_unpublished(&profile, layout, cycle);
	for (size_t i = 0; i < profile.count; i++)
		clamp(&profile.records[i]);
	profile.rate = (int64_t)go_process_read_number(process, rate, sizeof(uint64_t));
	profile.is_disabled =
		disabled != 0 && go_process_read_number(process, disabled, 1) != 0;
	*out = profile;
	return true;
}

void memprofile_subtract(struct memprofile *profile, const struct memprofile *before)
{
	struct map places = bucket_list_places(&before->buckets);

	for (size_t i = 0; i < profile->count; i++) {
		struct memprofile_record *record = &profile->records[i];
		uint32_t place = map_get(&places, record->bucket->address);

		if (place == MAP_NONE)
			continue;
		record->allocs -= before->records[place].allocs;
		record->frees -= before->records[place].frees;
	}
	map_deinit(&places);
}

void memprofile_deinit(struct memprofile *profile)
{
	bucket_list_deinit(&profile->buckets);
	*profile = (struct memprofile){ 0 };
}
