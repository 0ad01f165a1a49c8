// Tables of the heap and the way from an address to an object.
#include "heapdump/heap.h"

#include <stdlib.h>
#include <string.h>

void heap_deinit(struct heap *heap)
{
	address_index_deinit(&heap->objects);
	free(heap->types_of);
	free(heap->sites_of);
	free(heap->roots);
	free(heap->threads);
	free(heap->types);
	free(heap->frames);
	free(heap->site_frames);
	free(heap->sites);
	map_deinit(&heap->type_rows);
	map_deinit(&heap->site_rows);
	file_view_close(&heap->file);
	arena_deinit(&heap->arena);
	*heap = (struct heap){ 0 };
}

void heap_classify(struct heap *heap)
{
	if (heap->types_of != NULL)
		return;
	heap->types_of = table_zeroed(heap->objects.count + 1, sizeof(*heap->types_of));
	heap->format->classify(heap);
}

void heap_init_sites(struct heap *heap)
{
	size_t size = heap->objects.count * sizeof(*heap->sites_of);

	if (heap->sites_of != NULL)
		return;
	heap->sites_of = table_zeroed(heap->objects.count + 1, sizeof(*heap->sites_of));
	memset(heap->sites_of, 0xff, size);
}

void heap_object_at(const struct heap *heap, uint32_t object, struct heap_object *out)
{
	*out = (struct heap_object){ 0 };
	heap->format->decode(heap, address_index_record(&heap->objects, object), out);
}

uint32_t heap_find(const struct heap *heap, uint64_t address, uint64_t *offset)
{
	struct heap_object object;
	uint64_t start;
	uint32_t found = address_index_find(&heap->objects, address, &start);

	if (found == ADDRESS_NONE)
		return HEAP_NONE;
	*offset = address - start;
	if (*offset == 0)
		return found;
	heap_object_at(heap, found, &object);
	return *offset < object.size ? found : HEAP_NONE;
}

void heap_node_pointers(const struct heap *heap, uint32_t node,
			struct pointers_source *out)
{
	struct heap_object object;

	if (node >= heap->objects.count) {
		*out = heap->roots[node - heap->objects.count].pointers;
		return;
	}
	heap_object_at(heap, node, &object);
	*out = object.pointers;
}

uint32_t heap_add_root(struct heap *heap, struct heap_root root)
{
	heap->roots = table_reserve(heap->roots, &heap->root_capacity,
				    heap->root_count + 1, sizeof(root));
	heap->roots[heap->root_count] = root;
	return (uint32_t)heap->root_count++;
}

static size_t put_uleb(uint8_t *p, uint64_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		p[n++] = (uint8_t)(value | 0x80);
	p[n++] = (uint8_t)value;
	return n;
}

uint32_t heap_add_pointer_root(struct heap *heap, struct heap_root root, uint64_t value)
{
	uint8_t *list = arena_alloc(&heap->arena, 16);
	size_t n = 0;

	list[n++] = POINTERS_FIELD_VALUE;
	list[n++] = 0;
	n += put_uleb(list + n, value);
	list[n++] = POINTERS_FIELD_END;
	root.pointers = (struct pointers_source){ .form = POINTERS_LISTED,
						  .fields = list,
						  .fields_end = list + n };
	return heap_add_root(heap, root);
}

uint32_t heap_add_thread(struct heap *heap, struct heap_thread thread)
{
	heap->threads = table_reserve(heap->threads, &heap->thread_capacity,
				      heap->thread_count + 1, sizeof(thread));
	heap->threads[heap->thread_count] = thread;
	return (uint32_t)heap->thread_count++;
}

uint32_t heap_add_type(struct heap *heap, struct heap_type type)
{
	heap->types = table_reserve(heap->types, &heap->type_capacity,
				    heap->type_count + 1, sizeof(type));
	heap->types[heap->type_count] = type;
	return (uint32_t)heap->type_count++;
}

uint32_t heap_add_frame(struct heap *heap, struct heap_frame frame)
{
	heap->frames = table_reserve(heap->frames, &heap->frame_capacity,
				     heap->frame_count + 1, sizeof(frame));
	heap->frames[heap->frame_count] = frame;
	return (uint32_t)heap->frame_count++;
}

uint32_t heap_add_site_frame(struct heap *heap, uint32_t frame)
{
	heap->site_frames =
		table_reserve(heap->site_frames, &heap->site_frame_capacity,
			      heap->site_frame_count + 1, sizeof(*heap->site_frames));
	heap->site_frames[heap->site_frame_count] = frame;
	return (uint32_t)heap->site_frame_count++;
}

uint32_t heap_add_site(struct heap *heap, struct heap_site site)
{
	heap->sites = table_reserve(heap->sites, &heap->site_capacity,
				    heap->site_count + 1, sizeof(site));
	heap->sites[heap->site_count] = site;
	return (uint32_t)heap->site_count++;
}

void heap_take_objects(struct heap *heap, struct address_entry *entries, size_t count)
{
	uint64_t limit = 0;

	address_index_build_take(&heap->objects, entries, count);
	for (size_t i = 0; i < count; i++) {
		struct heap_object object;

		heap_object_at(heap, (uint32_t)i, &object);
		// A broken dump may claim sizes that no memory has.
		if (__builtin_add_overflow(heap->bytes, object.size, &heap->bytes))
			heap->bytes = UINT64_MAX;
		heap->quality.overlapping += object.address < limit;
		if (object.size <= UINT64_MAX - object.address &&
		    object.address + object.size > limit)
			limit = object.address + object.size;
	}
}
