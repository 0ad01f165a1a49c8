// Sources: saveBlockEventStack in src/runtime/mprof.go, printCountCycleProfile and
// writeProfileInternal in src/runtime/pprof/pprof.go.
//
// Since 1.23 stacks hold an address for each real frame, and those that were found
// otherwise begin with a word of ones.
#include "golang/blockprofile.h"

#include <stdlib.h>
#include <string.h>

#include "base/tabs.h"
#include "base/writer.h"
#include "golang/bucket_stack.h"
#include "golang/code.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "golang/ticks.h"
#include "profile/builder.h"

static struct str list_of(enum blockprofile_kind kind)
{
	return kind == BLOCKPROFILE_BLOCK ? STR("runtime.bbuckets")
					  : STR("runtime.xbuckets");
}

static struct str rate_of(enum blockprofile_kind kind)
{
	return kind == BLOCKPROFILE_BLOCK ? STR("runtime.blockprofilerate")
					  : STR("runtime.mutexprofilerate");
}

// Counts are fractions where rare waits stand for others; Go shows 1 for less than one.
static int64_t count_of(const struct bucket *bucket, int32_t offset)
{
	uint64_t word = bucket_word(bucket, offset);
	double count;

	memcpy(&count, &word, sizeof(count));
	if (!(count > -1e18 && count < 1e18))
		return 0;
	return (int64_t)count == 0 ? 1 : (int64_t)count;
}

static void drop_sentinel(struct bucket *bucket)
{
	if (bucket->depth == 0 || bucket->stack[0] != UINT64_MAX)
		return;
	bucket->stack++;
	bucket->depth--;
}

static int compare_cycles(const void *a, const void *b)
{
	const struct blockprofile_record *x = a, *y = b;

	return x->cycles > y->cycles ? -1 : x->cycles < y->cycles;
}

bool blockprofile_read(const struct go_process *process, enum blockprofile_kind kind,
		       struct blockprofile *out, struct error *err)
{
	const struct go_layout *layout = process->layout;
	struct blockprofile profile = { .kind = kind };
	uint64_t rate;

	if (!go_process_need(process, rate_of(kind), &rate, err) ||
	    !bucket_list_read(process, list_of(kind), (size_t)layout->block_record.size,
			      &profile.buckets, err))
		return false;
	profile.count = profile.buckets.count;
	profile.records = arena_array(&profile.buckets.arena, profile.count + 1,
				      sizeof(*profile.records));
	for (size_t i = 0; i < profile.count; i++) {
		struct bucket *bucket = &profile.buckets.items[i];

		drop_sentinel(bucket);
		profile.records[i] = (struct blockprofile_record){
			.bucket = bucket,
			.count = count_of(bucket, layout->block_record.count),
			.cycles =
				(int64_t)bucket_word(bucket, layout->block_record.cycles),
		};
	}
	qsort(profile.records, profile.count, sizeof(*profile.records), compare_cycles);
	profile.rate = (int64_t)go_process_read_number(process, rate, sizeof(uint64_t));
	profile.cycles_per_second = go_ticks_per_second(process);
	*out = profile;
	return true;
}

void blockprofile_subtract(struct blockprofile *profile,
			   const struct blockprofile *before)
{
	struct map places = { 0 };

	for (size_t i = 0; i < before->count; i++)
		*map_put(&places, before->records[i].bucket->address) = (uint32_t)i;
	for (size_t i = 0; i < profile->count; i++) {
		struct blockprofile_record *record = &profile->records[i];
		uint32_t place = map_get(&places, record->bucket->address);

		if (place == MAP_NONE)
			continue;
		record->count -= before->records[place].count;
		record->cycles = (int64_t)((uint64_t)record->cycles -
					   (uint64_t)before->records[place].cycles);
	}
	map_deinit(&places);
	qsort(profile->records, profile->count, sizeof(*profile->records),
	      compare_cycles);
}

void blockprofile_deinit(struct blockprofile *profile)
{
	bucket_list_deinit(&profile->buckets);
	*profile = (struct blockprofile){ 0 };
}

// Up to 1.19 what is counted of mutexes is scaled up when it is shown, by the rate that
// is then in force; while that is 0 it is shown as it is.
static int64_t factor_of(const struct go_process *process,
			 const struct blockprofile *source)
{
	bool is_scaled = source->kind == BLOCKPROFILE_MUTEX &&
			 process->version.minor <= 19 && source->rate > 0;

	return is_scaled ? source->rate : 1;
}

static void add_records(struct go_process *process, struct profile_builder *builder,
			const struct blockprofile *source)
{
	int64_t factor = factor_of(process, source);
	double ghz = (double)source->cycles_per_second / 1e9;
	struct bucket_stack stack = { .process = process };
	struct profile_code code;

	profile_code_init(&code, process, builder);
	for (size_t i = 0; i < source->count; i++) {
		const struct blockprofile_record *record = &source->records[i];
		int64_t values[] = {
			factor == 1
				? record->count
				: bucket_bounded((double)record->count * (double)factor),
			bucket_bounded((double)record->cycles / ghz * (double)factor),
		};

		bucket_stack_locations(&stack, record->bucket, &code);
		profile_builder_append(builder,
				       profile_builder_stack(builder, stack.locations,
							     stack.location_count),
				       profile_builder_labels(builder, NULL, 0), values);
	}
	profile_code_deinit(&code);
	bucket_stack_deinit(&stack);
}

struct profile *blockprofile_create(struct go_process *process,
				    const struct blockprofile *source)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("contentions"), STR("count"));
	profile_builder_add_type(&builder, STR("delay"), STR("nanoseconds"));
	profile->period = 1;
	profile->period_type = profile->types[0];
	profile->time_ns = go_process_time_ns(process);
	add_records(process, &builder, source);
	profile_builder_deinit(&builder);
	return profile;
}

// Those of inlined calls too, which stacks of whole frames do not store.
static void write_addresses(const struct bucket_stack *stack, struct writer *w)
{
	for (size_t i = 0; i < stack->line_count; i++)
		writer_format(w, " 0x%llx",
			      (unsigned long long)stack->lines[i].line->address + 1);
	writer_char(w, '\n');
}

void blockprofile_write_text(struct go_process *process,
			     const struct blockprofile *source, struct writer *w)
{
	struct bucket_stack stack = { .process = process };
	enum bucket_stack_end end = process->version.minor >= 23 ? BUCKET_STACK_EXPANDED
								 : BUCKET_STACK_AS_STORED;
	struct tabs tabs = { 0 };
	bool is_block = source->kind == BLOCKPROFILE_BLOCK;

	writer_format(w, "--- %s:\ncycles/second=%lld\n",
		      is_block ? "contention" : "mutex",
		      (long long)source->cycles_per_second);
	if (!is_block)
		writer_format(w, "sampling period=%lld\n", (long long)source->rate);
	for (size_t i = 0; i < source->count; i++) {
		const struct blockprofile_record *record = &source->records[i];

		bucket_stack_lines(&stack, record->bucket, end);
		writer_format(w, "%lld %lld @", (long long)record->cycles,
			      (long long)record->count);
		write_addresses(&stack, w);
		count_text_whole_stack(&tabs, w, stack.lines, stack.line_count);
	}
	tabs_deinit(&tabs);
	bucket_stack_deinit(&stack);
}
