// Sums up what the runtime counts in shards: three of them for everybody, and in the
// mcache of each P what that has allocated since it was last refilled.
#include "golang/memstats.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "golang/field.h"
#include "golang/layout.h"
#include "golang/memstats_goal.h"
#include "golang/process.h"

enum {
	CLASSES = 68,
	SHARDS = 3,
	PROCESSORS_LIMIT = 1 << 16,
	SPAN_CLASSES = 2 * CLASSES,
	TRIES = 8,
	MEMSTATS_LIMIT = 1 << 14,
	CONTROLLER_LIMIT = 1 << 10,
	SPAN_LIMIT = 256,
};

// runtime.class_to_size up to 1.24, internal/runtime/gc.SizeClassToSize since: the same
// in all releases.
static const uint16_t class_sizes[CLASSES] = {
	0,     8,     16,    24,    32,    48,    64,    80,    96,    112,
	128,   144,   160,   176,   192,   208,   224,   240,   256,   288,
	320,   352,   384,   416,   448,   480,   512,   576,   640,   704,
	768,   896,   1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304,
	2688,  3072,  3200,  3456,  4096,  4864,  5376,  6144,  6528,  6784,
	6912,  8192,  9472,  9728,  10240, 10880, 12288, 13568, 14336, 16384,
	18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
};

// One look at the runtime's own structures.
struct look {
	const struct go_process *process;
	const struct go_layout *layout;
	uint8_t stats[MEMSTATS_LIMIT];
	uint64_t memstats, controller, mheap, allp; // addresses
	// Counted; see restart.
	uint64_t in_stacks, in_work_bufs, in_bits, tiny;
	uint64_t large_alloc, large_allocs, large_free, large_frees;
	uint64_t allocs[CLASSES], frees[CLASSES];
};

static uint64_t stat_of(const struct look *look, int32_t offset)
{
	return field_u64(look->stats, offset);
}

static void add_shard(struct look *look, int64_t shard)
{
	const uint8_t *bytes = look->stats + shard;
	const struct go_layout *layout = look->layout;

	look->in_stacks += field_u64(bytes, layout->heap_stats_delta.in_stacks);
	look->in_work_bufs += field_u64(bytes, layout->heap_stats_delta.in_work_bufs);
	if (layout->heap_stats_delta.in_ptr_scalar_bits != GO_ABSENT)
		look->in_bits +=
			field_u64(bytes, layout->heap_stats_delta.in_ptr_scalar_bits);
	look->tiny += field_u64(bytes, layout->heap_stats_delta.tiny_alloc_count);
	look->large_alloc += field_u64(bytes, layout->heap_stats_delta.large_alloc);
	look->large_allocs +=
		field_u64(bytes, layout->heap_stats_delta.large_alloc_count);
	look->large_free += field_u64(bytes, layout->heap_stats_delta.large_free);
	look->large_frees += field_u64(bytes, layout->heap_stats_delta.large_free_count);
	for (int i = 0; i < CLASSES; i++) {
		look->allocs[i] += field_u64(
			bytes, layout->heap_stats_delta.small_alloc_count + 8 * i);
		look->frees[i] += field_u64(
			bytes, layout->heap_stats_delta.small_free_count + 8 * i);
	}
}

// What a P has taken from the span since that was put into its mcache.
static uint64_t taken_from(const struct look *look, uint64_t address)
{
	const struct go_layout *layout = look->layout;
	uint8_t span[SPAN_LIMIT];
	uint16_t count, before;

	if (!memory_read(look->process->memory, address, span,
			 (size_t)layout->mspan.size) ||
	    field_u64(span, layout->mspan.start_addr) == 0)
		return 0;
	memcpy(&count, span + layout->mspan.alloc_count, sizeof(count));
	memcpy(&before, span + layout->mspan.alloc_count_before_cache, sizeof(before));
	return count > before ? (uint64_t)(count - before) : 0;
}

static void add_mcache(struct look *look, uint64_t mcache)
{
	const struct go_layout *layout = look->layout;
	const struct memory *memory = look->process->memory;
	uint64_t spans[SPAN_CLASSES], tiny, empty = 0;

	if (!memory_read(memory, mcache + (uint64_t)layout->mcache.alloc, spans,
			 sizeof(spans)) ||
	    !memory_read_u64(memory, mcache + (uint64_t)layout->mcache.tiny_allocs,
			     &tiny))
		return;
	look->tiny += tiny;
	for (int i = 0; i < SPAN_CLASSES; i++) {
		// Most point at the one empty span.
		uint64_t taken = spans[i] == empty ? 0 : taken_from(look, spans[i]);

		if (taken == 0)
			empty = spans[i];
		look->allocs[i / 2] += taken;
	}
}

static uint64_t processor(const struct look *look, size_t index)
{
	uint64_t array = go_process_read_number(look->process, look->allp, 8);

	return go_process_read_number(look->process, array + 8 * index, 8);
}

static size_t processor_count(const struct look *look)
{
	uint64_t count = go_process_read_number(look->process, look->allp + 8, 8);

	return count < PROCESSORS_LIMIT ? (size_t)count : 0;
}

// Every writer of a shard makes its P's number odd while it writes. The sum changes too
// when the shards are rotated.
static uint64_t sequence_of(const struct look *look, bool *is_odd)
{
	uint64_t sum = go_process_read_number(
		look->process,
		look->memstats + (uint64_t)look->layout->memstats.heap_stats_gen, 4);
	size_t count = processor_count(look);

	for (size_t i = 0; i < count; i++) {
		uint64_t sequence = go_process_read_number(
			look->process,
			processor(look, i) + (uint64_t)look->layout->p.stats_seq, 4);

		*is_odd |= sequence % 2 != 0;
		sum = sum * 31 + sequence;
	}
	return sum;
}

static bool read_shards(struct look *look, struct error *err)
{
	const struct go_layout *layout = look->layout;
	size_t size = (size_t)layout->memstats.size, count = processor_count(look);

	if (size > sizeof(look->stats) ||
	    !memory_read(look->process->memory, look->memstats, look->stats, size))
		return error_set(err, ERROR_NOT_FOUND,
				 "it ended, or its memory cannot be read any more");
	for (int i = 0; i < SHARDS; i++)
		add_shard(look, layout->memstats.heap_stats +
					(int64_t)i * layout->heap_stats_delta.size);
	for (size_t i = 0; i < count; i++)
		add_mcache(look,
			   go_process_read_number(
				   look->process,
				   processor(look, i) + (uint64_t)layout->p.mcache, 8));
	return true;
}

static void sum_up_objects(const struct look *look, struct memstats *out)
{
	uint64_t freed = look->large_free;

	out->total_alloc = look->large_alloc;
	out->mallocs = look->large_allocs + look->tiny;
	out->frees = look->large_frees + look->tiny;
	for (int i = 0; i < CLASSES; i++) {
		out->total_alloc += look->allocs[i] * class_sizes[i];
		freed += look->frees[i] * class_sizes[i];
		out->mallocs += look->allocs[i];
		out->frees += look->frees[i];
		if (i < MEMSTATS_SIZES)
			out->by_size[i] =
				(struct memstats_size){ class_sizes[i], look->allocs[i],
							look->frees[i] };
	}
	out->alloc = out->heap_alloc = out->total_alloc - freed;
	out->heap_objects = out->mallocs - out->frees;
}

static void sum_up_space(const struct look *look, const uint8_t *controller,
			 struct memstats *out)
{
	const struct go_layout *layout = look->layout;
	uint64_t heap_free = field_u64(controller, layout->gc_controller.heap_free);
	uint64_t stacks = stat_of(look, layout->memstats.stacks_sys);

	out->heap_inuse = field_u64(controller, layout->gc_controller.heap_in_use);
	out->heap_released = field_u64(controller, layout->gc_controller.heap_released);
	out->heap_idle = heap_free + out->heap_released;
	out->heap_sys = out->heap_inuse + out->heap_idle;
	out->stack_inuse = look->in_stacks;
	out->stack_sys = look->in_stacks + stacks;
	out->mspan_sys = stat_of(look, layout->memstats.mspan_sys);
	out->mcache_sys = stat_of(look, layout->memstats.mcache_sys);
	out->mspan_inuse = go_process_read_number(
		look->process, look->mheap + (uint64_t)layout->mheap.spanalloc_inuse, 8);
	out->mcache_inuse = go_process_read_number(
		look->process, look->mheap + (uint64_t)layout->mheap.cachealloc_inuse, 8);
	out->buck_hash_sys = stat_of(look, layout->memstats.buckhash_sys);
	out->gc_sys = stat_of(look, layout->memstats.gc_misc_sys) + look->in_work_bufs +
		      look->in_bits;
	out->other_sys = stat_of(look, layout->memstats.other_sys);
	out->sys = out->heap_sys + out->stack_sys + out->mspan_sys + out->mcache_sys +
		   out->buck_hash_sys + out->gc_sys + out->other_sys;
}

static void copy_collections(const struct look *look, struct memstats *out)
{
	const struct go_layout *layout = look->layout;
	const uint8_t *stats = look->stats;

	out->last_gc = stat_of(look, layout->memstats.last_gc_unix);
	out->pause_total_ns = stat_of(look, layout->memstats.pause_total_ns);
	memcpy(out->pause_ns, stats + layout->memstats.pause_ns, sizeof(out->pause_ns));
	memcpy(out->pause_end, stats + layout->memstats.pause_end,
	       sizeof(out->pause_end));
	memcpy(&out->num_gc, stats + layout->memstats.numgc, sizeof(out->num_gc));
	memcpy(&out->num_forced_gc, stats + layout->memstats.numforcedgc,
	       sizeof(out->num_forced_gc));
	memcpy(&out->gc_cpu_fraction, stats + layout->memstats.gc_cpu_fraction,
	       sizeof(out->gc_cpu_fraction));
}

// Everything that is counted in the look, what stands behind the addresses, starts from
// nothing.
static void restart(struct look *look)
{
	size_t counted = offsetof(struct look, in_stacks);

	memset((uint8_t *)look + counted, 0, sizeof(*look) - counted);
}

static bool read_once(struct look *look, struct memstats *out, struct error *err)
{
	uint8_t controller[CONTROLLER_LIMIT];
	size_t size = (size_t)look->layout->gc_controller.size;
	bool is_odd = false;
	uint64_t before = sequence_of(look, &is_odd);

	if (!read_shards(look, err))
		return false;
	if (size > sizeof(controller) ||
	    !memory_read(look->process->memory, look->controller, controller, size))
		return error_set(err, ERROR_NOT_FOUND, "its memory cannot be read");
	sum_up_objects(look, out);
	sum_up_space(look, controller, out);
	copy_collections(look, out);
	out->next_gc = memstats_goal(look->process, controller);
	out->is_settled = sequence_of(look, &is_odd) == before && !is_odd;
	return true;
}

static bool find_variables(struct look *look, struct error *err)
{
	const struct go_process *process = look->process;

	return go_process_need(process, STR("runtime.memstats"), &look->memstats, err) &&
	       go_process_need(process, STR("runtime.gcController"), &look->controller,
			       err) &&
	       go_process_need(process, STR("runtime.mheap_"), &look->mheap, err) &&
	       go_process_need(process, STR("runtime.allp"), &look->allp, err);
}

bool memstats_read(const struct go_process *process, struct memstats *out,
		   struct error *err)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct look *look = arena_alloc(&arena, sizeof(*look));
	struct memstats *stats = arena_alloc(&arena, sizeof(*stats));

	look->process = process;
	look->layout = process->layout;
	if (!find_variables(look, err))
		return false;
	for (int i = 0; i < TRIES && !stats->is_settled; i++) {
		restart(look);
		if (!read_once(look, stats, err))
			return false;
	}
	*out = *stats;
	return true;
}
