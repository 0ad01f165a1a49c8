// Blocks sorted by address, then everything outside of them that may point into them.
#include "recorder/dump_content.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pages.h"
#include "binary/radix.h"
#include "heapdump/dump_writer.h"
#include "profile/recording.h"
#include "profile/recording_names.h"
#include "recorder/dump_heap.h"
#include "recorder/heap_blocks.h"
#include "recorder/space.h"
#include "recorder/state.h"
#include "recorder/world.h"

enum {
	BUFFER_SIZE = 1 << 20,
	RED_ZONE = 128,     // below the stack pointer, in use all the same
	GRANULE_SHIFT = 20, // of the filter of pointers
	ADDRESS_BITS = 47,
	PATIENCE_NS = 1000000, // between two looks whether the pause is known
};

struct writing {
	struct dump_writer w;
	int fd, errnum;
	struct dump_content *content;
	struct space space;
	struct radix_item *blocks; // key: address, value: bucket
	size_t count;
	uint8_t *filter; // a bit for each granule of addresses that blocks are in
	struct dump_payload payload; // of what is being written
};

static bool put(void *context, const void *bytes, size_t size)
{
	struct writing *writing = context;

	while (size > 0) {
		ssize_t written = write(writing->fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			writing->errnum = errno;
		if (written <= 0)
			return false;
		bytes = (const char *)bytes + written;
		size -= (size_t)written;
	}
	return true;
}

static uint64_t size_of(uint32_t bucket)
{
	const struct recording_bucket *b =
		recording_at(state_recording(), bucket, RECORDING_HEAP);

	return b == NULL ? 0 : b->size;
}

static size_t count_blocks(void)
{
	struct heap_blocks_cursor cursor = { 0 };
	uint64_t address;
	uint32_t bucket;
	size_t count = 0;

	while (heap_blocks_next(&cursor, &address, &bucket))
		count++;
	return count;
}

static bool collect_blocks(struct writing *writing)
{
	size_t most = count_blocks();
	size_t bytes = (most + 1) * sizeof(*writing->blocks);
	struct radix_item *spare = pages_map(bytes);
	struct heap_blocks_cursor cursor = { 0 };
	uint64_t address;
	uint32_t bucket;

	writing->blocks = pages_map(bytes);
	writing->filter = pages_map(1ull << (ADDRESS_BITS - GRANULE_SHIFT - 3));
	if (spare == NULL || writing->blocks == NULL || writing->filter == NULL)
		return false;
	while (writing->count < most && heap_blocks_next(&cursor, &address, &bucket))
		writing->blocks[writing->count++] =
			(struct radix_item){ address, bucket };
	radix_sort(writing->blocks, spare, writing->count);
	pages_unmap(spare, bytes);
	return true;
}

static void note_granules(struct writing *writing, uint64_t start, uint64_t size)
{
	uint64_t last = (start + size) >> GRANULE_SHIFT;

	for (uint64_t at = start >> GRANULE_SHIFT; at <= last; at++) {
		if (at < 1ull << (ADDRESS_BITS - GRANULE_SHIFT))
			writing->filter[at / 8] |= (uint8_t)(1 << at % 8);
	}
}

static bool may_point(const struct writing *writing, uint64_t word)
{
	return word < 1ull << ADDRESS_BITS &&
	       (writing->filter[word >> GRANULE_SHIFT >> 3] >>
			(word >> GRANULE_SHIFT & 7) &
		1) != 0;
}

static struct dump_payload payload_of(const struct writing *writing, uint64_t size)
{
	if (writing->content->form == HEAP_DUMP_CONTENTS)
		return (struct dump_payload){ DUMP_SCANNED, size };
	return (struct dump_payload){ DUMP_VALUES, 0 };
}

// The contents of memory that can be read, or what of it may be pointers.
static void write_memory(struct writing *writing, uint64_t address, uint64_t size)
{
	const char *bytes = (const char *)(uintptr_t)address;
	uint64_t at = -address & 7;

	if (writing->content->form == HEAP_DUMP_CONTENTS) {
		dump_writer_contents(&writing->w, bytes, size);
		return;
	}
	for (; at + 8 <= size; at += 8) {
		uint64_t word;

		memcpy(&word, bytes + at, sizeof(word));
		if (may_point(writing, word))
			dump_writer_value(&writing->w, at, word);
	}
}

static bool is_readable(struct writing *writing, uint64_t start, uint64_t size)
{
	while (size > 0) {
		const struct space_map *map = space_find(&writing->space, start);
		uint64_t left = map == NULL ? 0 : map->limit - start;

		if (map == NULL || !map->is_readable)
			return false;
		if (left >= size)
			return true;
		start += left;
		size -= left;
	}
	return true;
}

static void write_block(struct writing *writing, const struct radix_item *block)
{
	struct dump_object object = { .address = block->key,
				      .size = size_of(block->value),
				      .site = block->value };
	struct dump_payload payload = payload_of(writing, object.size);

	if (!is_readable(writing, object.address, object.size))
		payload = (struct dump_payload){ DUMP_NOTHING, 0 };
	dump_writer_object(&writing->w, &object, payload);
	if (payload.form != DUMP_NOTHING)
		write_memory(writing, object.address, object.size);
	dump_writer_end(&writing->w, payload);
}

// One site for each bucket: readers join those of equal stacks.
static void write_site(struct writing *writing, struct recording_names *names,
		       const struct recording_bucket *bucket)
{
	uint64_t frames[RECORDING_WORDS_MAX];
	struct dump_site site = {
		.id = recording_id(state_recording(), bucket),
		.frames = frames,
		.allocations = atomic_load(&bucket->events[0]),
		.frees = atomic_load(&bucket->events[1]),
	};

	if (site.allocations <= site.frees)
		return;
	for (; site.count < bucket->count && site.count < RECORDING_WORDS_MAX;
	     site.count++)
		frames[site.count] = recording_names_location(
			names, bucket->words[site.count], bucket->epoch);
	dump_writer_site(&writing->w, &site);
}

static void write_sites(struct writing *writing)
{
	const struct recording *recording = state_recording();
	const struct recording_bucket *bucket;
	struct recording_names names;
	uint64_t cursor = 0;

	recording_names_init(&names, recording);
	while ((bucket = recording_next(recording, RECORDING_HEAP, &cursor)) != NULL)
		write_site(writing, &names, bucket);
	for (size_t i = 0; i < names.module_count; i++) {
		const struct recording_module *module = names.modules[i].module;
		const struct dump_module written = {
			.id = i + 1,
			.start = module->start,
			.limit = module->limit,
			.offset = module->offset,
			.path = recording_text(recording, module->path),
			.build_id = recording_text(recording, module->build_id),
		};

		dump_writer_module(&writing->w, &written);
	}
	for (size_t i = 0; i < names.location_count; i++) {
		uint64_t module = recording_names_mapping(&names, &names.locations[i]);

		dump_writer_place(&writing->w, i + 1, names.locations[i].address, module);
	}
}

static void write_root(struct writing *writing, const struct dump_root *root,
		       uint64_t address, uint64_t size)
{
	struct dump_payload payload = payload_of(writing, size);

	dump_writer_root(&writing->w, root, payload);
	write_memory(writing, address, size);
	dump_writer_end(&writing->w, payload);
}

static void write_registers(struct writing *writing, const struct world_thread *thread)
{
	const struct dump_root root = { .kind = DUMP_ROOT_REGISTERS,
					.thread = (uint64_t)thread->tid,
					.name = STR("registers") };

	write_root(writing, &root, (uint64_t)thread->registers,
		   sizeof(thread->registers));
}

struct roots_visitor {
	struct space_visitor visitor;
	struct writing *writing;
};

// The thread whose stack pointer is in a map; 0: none.
static int thread_in(const struct writing *writing, const struct space_map *map)
{
	const struct world *world = writing->content->world;

	if (writing->content->sp - map->start < map->limit - map->start)
		return world->caller;
	for (size_t i = 0; i < world->count; i++) {
		if (world->threads[i].sp - map->start < map->limit - map->start)
			return world->threads[i].tid;
	}
	return 0;
}

static void visit_root(struct space_visitor *visitor, const struct space_map *map,
		       struct space_range range)
{
	struct roots_visitor *roots = (struct roots_visitor *)visitor;
	int tid = map->is_anonymous ? thread_in(roots->writing, map) : 0;
	struct dump_root root = { .kind = DUMP_ROOT_OTHER,
				  .thread = (uint64_t)tid,
				  .name = STR("mapped memory"),
				  .address = range.start };

	if (tid != 0) {
		root.kind = DUMP_ROOT_STACK;
		root.name = STR("stack");
	} else if (dump_heap_is_bss(&roots->writing->space, map)) {
		root.kind = DUMP_ROOT_BSS;
		root.name = str_from(map[-1].name);
	} else if (!map->is_anonymous) {
		root.kind = DUMP_ROOT_DATA;
		root.name = str_from(map->name);
	}
	write_root(roots->writing, &root, range.start, range.limit - range.start);
}

// What is below a stack pointer is left over from calls that returned.
static void exclude_below(struct writing *writing, uint64_t sp)
{
	const struct space_map *map = sp == 0 ? NULL : space_find(&writing->space, sp);

	if (map != NULL && map->is_anonymous && !map->is_heap)
		space_exclude(&writing->space, map->start, sp - RED_ZONE);
}

static void write_thread(struct writing *writing, int tid)
{
	dump_writer_thread(&writing->w, (uint64_t)tid, (uint64_t)tid, STR(""));
}

static void write_roots(struct writing *writing)
{
	struct roots_visitor roots = { { visit_root }, writing };
	const struct world *world = writing->content->world;

	write_thread(writing, world->caller);
	for (size_t i = 0; i < world->count; i++)
		write_thread(writing, world->threads[i].tid);
	for (size_t i = 0; i < world->count; i++) {
		exclude_below(writing, world->threads[i].sp);
		if (world->threads[i].is_stopped)
			write_registers(writing, &world->threads[i]);
	}
	exclude_below(writing, writing->content->sp);
	dump_heap_exclude_dead_stacks(&writing->space, world);
	space_visit(&writing->space, &roots.visitor);
}

static uint64_t await_pause(const struct dump_content *content)
{
	const struct timespec nap = { .tv_nsec = PATIENCE_NS };
	uint64_t pause;

	while ((pause = atomic_load(&content->shared->pause_ns)) == 0 &&
	       getppid() == recorder.pid)
		nanosleep(&nap, NULL);
	return pause;
}

static void write_program(struct writing *writing)
{
	const struct recording *recording = state_recording();
	struct dump_program program = {
		.is_conservative = true,
		.is_incomplete =
			!recorder.heap_is_whole ||
			atomic_load(&recording->states[RECORDING_HEAP].lost) != 0,
		.pid = (uint64_t)recorder.pid,
		.time_ns = state_now_ns(),
		.pause_ns = await_pause(writing->content),
		.program = recording_text(recording, recording->program),
		.thread_word = STR("thread"),
	};

	dump_writer_program(&writing->w, &program);
}

int dump_content_write(int fd, struct dump_content *content)
{
	struct writing writing = { .fd = fd, .content = content };
	bool is_whole;

	// Before anything that holds addresses of blocks is mapped.
	if (!space_read(&writing.space))
		return EIO;
	writing.w = (struct dump_writer){ .put = put,
					  .context = &writing,
					  .buffer = pages_map(BUFFER_SIZE),
					  .capacity = BUFFER_SIZE };
	if (writing.w.buffer == NULL || !collect_blocks(&writing))
		return ENOMEM;
	for (size_t i = 0; i < writing.count; i++) {
		uint64_t size = size_of(writing.blocks[i].value);

		note_granules(&writing, writing.blocks[i].key, size);
		dump_heap_exclude_block(&writing.space, writing.blocks[i].key);
	}
	// Our own tables may lie where something was when the maps were read.
	space_exclude(&writing.space, (uint64_t)writing.blocks,
		      (uint64_t)(writing.blocks + writing.count + 1));
	space_exclude(&writing.space, (uint64_t)writing.w.buffer,
		      (uint64_t)writing.w.buffer + BUFFER_SIZE);
	dump_heap_exclude_own(&writing.space);
	dump_writer_start(&writing.w);
	write_sites(&writing);
	write_roots(&writing);
	for (size_t i = 0; i < writing.count; i++)
		write_block(&writing, &writing.blocks[i]);
	write_program(&writing);
	is_whole = dump_writer_finish(&writing.w) && !writing.space.is_out_of_memory;
	return is_whole ? 0 : writing.errnum != 0 ? writing.errnum : ENOMEM;
}
