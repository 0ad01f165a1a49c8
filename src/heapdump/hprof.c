// Objects by address, then roots.
#include "heapdump/hprof.h"

#include <stdlib.h>
#include <string.h>

#include "heapdump/heap.h"
#include "heapdump/hprof_layout.h"
#include "heapdump/hprof_records.h"
#include "heapdump/naming.h"

enum { WORD = 8, ITEMS_MAX = INT32_MAX };

struct hprof {
	struct heap *heap;
	struct hprof_records records;
	struct hprof_layouts layouts;
	struct hprof_counts *counts;
};

static void write_sites(struct hprof *hprof)
{
	const struct heap *heap = hprof->heap;
	uint64_t *ids;

	for (size_t i = 0; i < heap->frame_count; i++) {
		const struct heap_frame *frame = &heap->frames[i];
		struct hprof_frame record = { .id = i + 1,
					      .line = (uint32_t)frame->line };

		record.function = hprof_records_string(&hprof->records, frame->function);
		record.file = hprof_records_string(&hprof->records, frame->file);
		hprof_records_frame(&hprof->records, &record);
	}
	for (size_t i = 0; i < heap->site_count; i++) {
		const struct heap_site *site = &heap->sites[i];

		ids = table_zeroed(site->count + (size_t)1, sizeof(*ids));
		for (uint32_t f = 0; f < site->count; f++)
			ids[f] = heap->site_frames[site->first + f] + (uint64_t)1;
		hprof_records_trace(&hprof->records, (uint32_t)i + 1, ids, site->count);
		free(ids);
	}
}

static uint32_t trace_of(const struct heap *heap, uint32_t object)
{
	uint32_t site = naming_group(heap, object, NAMING_BY_SITE);

	return site == HEAP_NONE ? 0 : site + 1;
}

// The start of what the address points into, 0 where that is no object.
static uint64_t target_of(const struct heap *heap, uint64_t address)
{
	uint64_t offset;

	return heap_find(heap, address, &offset) == HEAP_NONE ? 0 : address - offset;
}

static uint64_t contents_word(const struct pointers_source *source, uint64_t offset)
{
	uint64_t value = 0;

	if (source->contents != NULL && offset + WORD <= source->contents_size)
		memcpy(&value, source->contents + offset, WORD);
	return value;
}

static void write_instance(struct hprof *hprof, uint32_t id,
			   const struct heap_object *object)
{
	uint64_t values[HPROF_LAYOUT_WORDS_MAX] = { 0 };
	struct hprof_words words;
	struct pointers_cursor cursor = pointers_from(&object->pointers, 0);
	struct pointers_item item;
	uint64_t count = object->size / WORD;
	struct hprof_object record = { .id = object->address,
				       .trace = trace_of(hprof->heap, id),
				       .count = (uint32_t)object->size };

	hprof_words_find(object, &words);
	record.class_id = hprof_layouts_class(&hprof->layouts, hprof->heap->types_of[id],
					      object->size, &words);
	while (pointers_next(&cursor, &item)) {
		if (item.offset % WORD == 0 && item.offset / WORD < count)
			values[item.offset / WORD] = target_of(hprof->heap, item.value);
	}
	hprof_records_instance(&hprof->records, &record);
	for (unsigned i = 0; i < count; i++)
		hprof_records_u64(&hprof->records,
				  hprof_words_has(&words, i)
					  ? values[i]
					  : contents_word(&object->pointers,
							  (uint64_t)i * WORD));
	for (uint64_t at = count * WORD; at < object->size; at++)
		hprof_records_bytes(&hprof->records,
				    at < object->pointers.contents_size
					    ? object->pointers.contents + at
					    : (const uint8_t *)"",
				    1);
	hprof->counts->instances++;
}

static bool has_pointers(const struct heap_object *object)
{
	struct pointers_cursor cursor = pointers_from(&object->pointers, 0);
	struct pointers_item item;

	return pointers_next(&cursor, &item);
}

// As long as the object, so that its size is right: words without a pointer are null.
static void write_reference_array(struct hprof *hprof, uint32_t id,
				  const struct heap_object *object, uint64_t size)
{
	struct pointers_cursor cursor = pointers_from(&object->pointers, 0);
	struct pointers_item item;
	uint64_t at = 0;
	struct hprof_object record = { .id = object->address,
				       .class_id = hprof->layouts.array_class,
				       .trace = trace_of(hprof->heap, id),
				       .count = (uint32_t)(size / WORD) };

	hprof_records_references(&hprof->records, &record);
	while (pointers_next(&cursor, &item)) {
		if (item.offset / WORD >= record.count || item.offset / WORD < at)
			continue;
		hprof_records_zeros(&hprof->records, (item.offset / WORD - at) * WORD);
		hprof_records_u64(&hprof->records, target_of(hprof->heap, item.value));
		at = item.offset / WORD + 1;
	}
	hprof_records_zeros(&hprof->records, (record.count - at) * WORD);
}

static void write_bytes(struct hprof *hprof, uint32_t id,
			const struct heap_object *object, uint64_t size)
{
	uint64_t known = object->pointers.contents_size < size
				 ? object->pointers.contents_size
				 : size;
	struct hprof_object record = { .id = object->address,
				       .trace = trace_of(hprof->heap, id),
				       .count = (uint32_t)size };

	if (object->pointers.contents == NULL)
		known = 0;
	hprof_records_byte_array(&hprof->records, &record);
	hprof_records_bytes(&hprof->records, object->pointers.contents, known);
	hprof_records_zeros(&hprof->records, size - known);
}

static void write_object(struct hprof *hprof, uint32_t id)
{
	struct heap_object object;
	uint64_t size;

	heap_object_at(hprof->heap, id, &object);
	if (object.size <= HPROF_LAYOUT_WORDS_MAX * WORD) {
		write_instance(hprof, id, &object);
		return;
	}
	size = object.size < ITEMS_MAX ? object.size : ITEMS_MAX;
	hprof->counts->clipped += size != object.size;
	hprof->counts->arrays++;
	if (has_pointers(&object))
		write_reference_array(hprof, id, &object, size);
	else
		write_bytes(hprof, id, &object, size);
}

static void write_root(struct hprof *hprof, uint32_t root)
{
	struct heap *heap = hprof->heap;
	const struct pointers_source *source = &heap->roots[root].pointers;
	struct pointers_cursor cursor = pointers_from(source, 0);
	struct pointers_item item;
	struct hprof_object record = { .id = HPROF_LAYOUT_ROOT_BASE +
					     16 * (uint64_t)root };
	enum heap_root_kind kind = heap->roots[root].kind;

	record.class_id =
		hprof_layouts_named_array(&hprof->layouts, heap->roots[root].name);
	while (pointers_next(&cursor, &item))
		record.count += target_of(heap, item.value) != 0;
	hprof_records_root(&hprof->records,
			   kind == HEAP_ROOT_DATA || kind == HEAP_ROOT_BSS
				   ? HPROF_ROOT_GLOBAL
				   : HPROF_ROOT_UNKNOWN,
			   record.id);
	hprof_records_references(&hprof->records, &record);
	cursor = pointers_from(source, 0);
	while (pointers_next(&cursor, &item)) {
		uint64_t target = target_of(heap, item.value);

		if (target != 0)
			hprof_records_u64(&hprof->records, target);
	}
	hprof->counts->roots++;
}

void hprof_write(struct heap *heap, struct writer *w, struct hprof_counts *counts)
{
	struct hprof hprof = { .heap = heap, .counts = counts };

	*counts = (struct hprof_counts){ 0 };
	heap_classify(heap);
	hprof_records_init(&hprof.records, w, heap->time_ns / 1000000);
	write_sites(&hprof);
	hprof_layouts_init(&hprof.layouts, heap, &hprof.records);
	for (uint32_t i = 0; i < heap->objects.count; i++)
		write_object(&hprof, i);
	for (uint32_t i = 0; i < heap->root_count; i++)
		write_root(&hprof, i);
	hprof_records_finish(&hprof.records);
	counts->classes = hprof.layouts.next_class;
	hprof_layouts_deinit(&hprof.layouts);
	hprof_records_deinit(&hprof.records);
}
