// Follows a list of buckets from the newest to the oldest.
#include "golang/bucket.h"

#include <stdlib.h>

#include "base/error.h"
#include "golang/field.h"
#include "golang/layout.h"
#include "golang/process.h"

enum {
	BYTES_LIMIT = 1 << 29,
	// The runtime's own limit (GODEBUG=profstackdepth) is 1024 and a word.
	DEPTH_LIMIT = 2048,
	HEADER_LIMIT = 128,
};

// The fields of runtime.bucket.
struct header {
	uint64_t next, object_size, depth;
};

static bool read_header(const struct memory *memory, const struct go_layout *layout,
			uint64_t address, struct header *out)
{
	uint8_t bytes[HEADER_LIMIT];

	if (!memory_read(memory, address, bytes, (size_t)layout->bucket.size))
		return false;
	out->next = field_u64(bytes, layout->bucket.allnext);
	out->object_size = field_u64(bytes, layout->bucket.bucket_size);
	out->depth = field_u64(bytes, layout->bucket.nstk);
	return out->depth <= DEPTH_LIMIT;
}

static bool read_bucket(const struct memory *memory, uint64_t address, size_t record_size,
			const struct header *header, struct bucket_list *list)
{
	size_t stack_size = (size_t)header->depth * sizeof(uint64_t);
	uint8_t *body = arena_alloc(&list->arena, stack_size + record_size);

	if (!memory_read(memory, address, body, stack_size + record_size))
		return false;
	list->items = table_reserve(list->items, &list->capacity, list->count + 1,
				    sizeof(*list->items));
	list->items[list->count++] = (struct bucket){
		.object_size = header->object_size,
		.stack = (const uint64_t *)(const void *)body,
		.depth = (size_t)header->depth,
		.record = body + stack_size,
	};
	return true;
}

// Meets an address for the second time soon after a list has begun to go in a circle: it
// stays at one of them for twice as long each time (Brent's method).
struct circle {
	uint64_t address;
	size_t steps, limit;
};

static bool circle_closes(struct circle *circle, uint64_t address)
{
	if (address == circle->address)
		return true;
	if (circle->steps++ == circle->limit)
		*circle = (struct circle){ address, 0, 2 * circle->limit + 1 };
	return false;
}

static bool read_all(const struct memory *memory, const struct go_process *process,
		     uint64_t address, size_t record_size, struct bucket_list *list)
{
	const struct go_layout *layout = process->layout;
	struct circle circle = { 0 };
	struct header header = { 0 };
	uint64_t size = 0;

	while (address != 0) {
		if (circle_closes(&circle, address) || size > BYTES_LIMIT ||
		    !read_header(memory, layout, address, &header) ||
		    !read_bucket(memory, address + (uint64_t)layout->bucket.size,
				 record_size, &header, list))
			return false;
		list->items[list->count - 1].address = address;
		size += header.depth * sizeof(uint64_t) + record_size;
		address = header.next;
	}
	return true;
}

bool bucket_list_read(const struct go_process *process, struct str variable,
		      size_t record_size, struct bucket_list *out, struct error *err)
{
	struct bucket_list list = { 0 };
	struct page_cache pages;
	uint64_t head, first;
	bool is_read;

	if (!go_process_need(process, variable, &head, err))
		return false;
	// Buckets lie close together, in chunks of their own.
	page_cache_init_ahead(&pages, process->memory);
	is_read = memory_read_u64(process->memory, head, &first) &&
		  read_all(&pages.memory, process, first, record_size, &list);
	page_cache_deinit(&pages);
	if (!is_read) {
		bucket_list_deinit(&list);
		return error_set(err, ERROR_FORMAT,
				 "its list %.*s cannot be followed: the process ended or "
				 "its memory is damaged",
				 (int)variable.n, variable.p);
	}
	*out = list;
	return true;
}

void bucket_list_deinit(struct bucket_list *list)
{
	free(list->items);
	arena_deinit(&list->arena);
	*list = (struct bucket_list){ 0 };
}

struct map bucket_list_places(const struct bucket_list *list)
{
	struct map places = { 0 };

	for (size_t i = 0; i < list->count; i++)
		*map_put(&places, list->items[i].address) = (uint32_t)i;
	return places;
}

int64_t bucket_bounded(double value)
{
	static const double bound = 4e18;

	if (!(value > -bound))
		return value < 0 ? (int64_t)-bound : 0;
	return (int64_t)(value < bound ? value : bound);
}

uint64_t bucket_word(const struct bucket *bucket, int32_t offset)
{
	return field_u64(bucket->record, offset);
}
