// One pass over the records; what objects are is read from them again when it is asked.
#include "heapdump/goprof_dump.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/reader.h"
#include "heapdump/dump_format.h"
#include "heapdump/heap.h"
#include "heapdump/places.h"

enum { FRAMES_MAX = 4096 };

struct goprof_dump {
	struct heap *heap;
	struct reader r;
	struct address_entry *entries;
	size_t count, capacity;
	struct map frame_rows, thread_rows;
	struct places places;
	uint64_t stated_objects;
	bool is_foreign;
};

struct object_record {
	uint64_t address, size, type, site;
	struct pointers_source pointers;
};

static struct str read_str(struct reader *r)
{
	uint64_t n = reader_uleb(r);
	const uint8_t *p = reader_bytes(r, n);

	return (struct str){ (const char *)p, p == NULL ? 0 : n };
}

static void read_list(struct reader *r, struct pointers_source *out)
{
	const uint8_t *end = pointers_skip_list(r->p, r->end);

	out->form = POINTERS_LISTED;
	out->fields = r->p;
	out->fields_end = end;
	if (end == NULL)
		reader_fail(r);
	else
		r->p = end;
}

static void read_payload(struct reader *r, uint64_t address, struct pointers_source *out)
{
	uint64_t form = reader_uleb(r);

	*out = (struct pointers_source){ .address = address };
	if (form > DUMP_VALUES)
		reader_fail(r);
	if (form == DUMP_SCANNED || form == DUMP_FIELDS) {
		out->contents_size = reader_uleb(r);
		out->contents = reader_bytes(r, out->contents_size);
	}
	if (form == DUMP_SCANNED)
		out->form = POINTERS_CONSERVATIVE;
	if (form == DUMP_FIELDS || form == DUMP_VALUES)
		read_list(r, out);
}

static void read_object_record(struct reader *r, struct object_record *out)
{
	out->address = reader_uleb(r);
	out->size = reader_uleb(r);
	out->type = reader_uleb(r);
	out->site = reader_uleb(r);
	read_payload(r, out->address, &out->pointers);
}

static void read_object(struct goprof_dump *dump)
{
	uint64_t place = reader_offset(&dump->r);
	struct object_record record;

	read_object_record(&dump->r, &record);
	if (!reader_ok(&dump->r))
		return;
	dump->entries = table_reserve(dump->entries, &dump->capacity, dump->count + 1,
				      sizeof(*dump->entries));
	dump->entries[dump->count++] = (struct address_entry){ record.address, place };
}

static void read_root(struct goprof_dump *dump)
{
	uint64_t kind = reader_uleb(&dump->r), thread = reader_uleb(&dump->r), address;
	struct heap_root root = { .thread = map_get(&dump->thread_rows, thread) };

	root.name = read_str(&dump->r);
	address = reader_uleb(&dump->r);
	read_payload(&dump->r, address, &root.pointers);
	root.kind = kind <= HEAP_ROOT_OTHER ? (enum heap_root_kind)kind : HEAP_ROOT_OTHER;
	if (reader_ok(&dump->r))
		heap_add_root(dump->heap, root);
}

static void read_program(struct goprof_dump *dump)
{
	struct heap *heap = dump->heap;
	uint64_t word_size = reader_uleb(&dump->r), flags = reader_uleb(&dump->r);

	(void)reader_uleb(&dump->r); // process id
	heap->time_ns = reader_uleb(&dump->r);
	heap->quality.pause_ns = reader_uleb(&dump->r);
	heap->quality.is_conservative = (flags & DUMP_FLAG_CONSERVATIVE) != 0;
	heap->quality.is_incomplete = (flags & DUMP_FLAG_INCOMPLETE) != 0;
	heap->program = read_str(&dump->r);
	heap->version = read_str(&dump->r);
	heap->thread_word = read_str(&dump->r);
	dump->is_foreign = reader_ok(&dump->r) && word_size != 8;
}

static void read_frame(struct goprof_dump *dump)
{
	uint64_t id = reader_uleb(&dump->r);
	struct heap_frame frame = { .function = read_str(&dump->r) };

	frame.file = read_str(&dump->r);
	frame.line = reader_uleb(&dump->r);
	if (reader_ok(&dump->r))
		*map_put(&dump->frame_rows, id) = heap_add_frame(dump->heap, frame);
}

// Frames may be defined behind their sites, so ids stand in for rows until the end.
static void read_site(struct goprof_dump *dump)
{
	struct heap *heap = dump->heap;
	uint64_t id = reader_uleb(&dump->r), count = reader_uleb(&dump->r);
	struct heap_site site = { .first = (uint32_t)heap->site_frame_count };

	if (count > FRAMES_MAX)
		reader_fail(&dump->r);
	for (uint64_t i = 0; i < count && reader_ok(&dump->r); i++)
		heap_add_site_frame(heap, (uint32_t)reader_uleb(&dump->r));
	site.count = (uint32_t)heap->site_frame_count - site.first;
	site.allocations = reader_uleb(&dump->r);
	site.frees = reader_uleb(&dump->r);
	if (reader_ok(&dump->r))
		*map_put(&heap->site_rows, id) = heap_add_site(heap, site);
}

static void read_type(struct goprof_dump *dump)
{
	uint64_t id = reader_uleb(&dump->r);
	struct heap_type type = { .size = reader_uleb(&dump->r) };

	type.name = read_str(&dump->r);
	if (reader_ok(&dump->r))
		*map_put(&dump->heap->type_rows, id) = heap_add_type(dump->heap, type);
}

static void read_thread(struct goprof_dump *dump)
{
	struct heap_thread thread = { .handle = reader_uleb(&dump->r) };

	thread.id = reader_uleb(&dump->r);
	thread.state = read_str(&dump->r);
	if (reader_ok(&dump->r))
		*map_put(&dump->thread_rows, thread.handle) =
			heap_add_thread(dump->heap, thread);
}

static void read_module(struct goprof_dump *dump)
{
	struct places_module module = { .id = reader_uleb(&dump->r) };

	module.start = reader_uleb(&dump->r);
	module.limit = reader_uleb(&dump->r);
	module.offset = reader_uleb(&dump->r);
	module.path = read_str(&dump->r);
	module.build_id = read_str(&dump->r);
	if (reader_ok(&dump->r))
		places_add_module(&dump->places, module);
}

static void read_place(struct goprof_dump *dump)
{
	struct places_place place = { .frame = reader_uleb(&dump->r) };

	place.address = reader_uleb(&dump->r);
	place.module = reader_uleb(&dump->r);
	if (reader_ok(&dump->r))
		places_add(&dump->places, place);
}

static void (*const readers[])(struct goprof_dump *dump) = {
	[DUMP_TAG_OBJECT] = read_object,   [DUMP_TAG_ROOT] = read_root,
	[DUMP_TAG_PROGRAM] = read_program, [DUMP_TAG_FRAME] = read_frame,
	[DUMP_TAG_SITE] = read_site,       [DUMP_TAG_TYPE] = read_type,
	[DUMP_TAG_THREAD] = read_thread,   [DUMP_TAG_MODULE] = read_module,
	[DUMP_TAG_PLACE] = read_place,
};

static bool read_records(struct goprof_dump *dump, struct error *err)
{
	struct heap_quality *quality = &dump->heap->quality;

	for (;;) {
		uint64_t tag;

		quality->read_bytes = reader_offset(&dump->r);
		tag = reader_uleb(&dump->r);
		if (reader_ok(&dump->r) && tag == DUMP_TAG_END) {
			dump->stated_objects = reader_uleb(&dump->r);
			quality->is_truncated = !reader_ok(&dump->r) ||
						dump->stated_objects != dump->count;
			return true;
		}
		if (reader_ok(&dump->r) && (tag >= sizeof(readers) / sizeof(readers[0]) ||
					    dump->count >= ADDRESS_NONE - 1))
			return error_set(err, ERROR_FORMAT,
					 "offset %llu: no record of a heap dump: check "
					 "that the file is whole, or use a newer goprof",
					 (unsigned long long)quality->read_bytes);
		if (reader_ok(&dump->r))
			readers[tag](dump);
		if (!reader_ok(&dump->r)) {
			quality->is_truncated = true;
			return true;
		}
		if (dump->is_foreign)
			return error_set(err, ERROR_UNSUPPORTED,
					 "a heap dump of another architecture: wants "
					 "words of 64 bits");
	}
}

static void decode(const struct heap *heap, uint64_t place, struct heap_object *out)
{
	struct reader r = reader_from(heap->file.bytes, heap->file.size);
	struct object_record record;

	reader_seek(&r, place);
	read_object_record(&r, &record);
	*out = (struct heap_object){ record.address, record.size, record.pointers };
}

static uint32_t type_of_size(struct heap *heap, struct map *by_size, uint64_t size)
{
	uint32_t *row = map_put(by_size, size);

	if (*row == MAP_NONE)
		*row = heap_add_type(
			heap,
			(struct heap_type){ .name = str_format(&heap->arena, "%llu bytes",
							       (unsigned long long)size),
					    .size = size });
	return *row;
}

static void classify(struct heap *heap)
{
	struct map by_size = { 0 };
	bool has_types = heap->type_count > 0;

	for (uint32_t i = 0; i < heap->objects.count; i++) {
		struct reader r = reader_from(heap->file.bytes, heap->file.size);
		struct object_record record;
		uint32_t type, site;

		reader_seek(&r, address_index_record(&heap->objects, i));
		read_object_record(&r, &record);
		type = has_types && record.type != 0
			       ? map_get(&heap->type_rows, record.type)
			       : MAP_NONE;
		heap->types_of[i] = type != MAP_NONE
					    ? type
					    : type_of_size(heap, &by_size, record.size);
		site = record.site == 0 ? MAP_NONE
					: map_get(&heap->site_rows, record.site);
		if (site == MAP_NONE)
			continue;
		heap_init_sites(heap);
		heap->sites_of[i] = site;
	}
	map_deinit(&by_size);
}

static const struct heap_format goprof_format = {
	.name = "goprof heap dump",
	.decode = decode,
	.classify = classify,
};

bool goprof_dump_read(struct heap *heap, struct error *err)
{
	struct goprof_dump dump = {
		.heap = heap,
		.r = reader_from(heap->file.bytes, heap->file.size),
	};
	bool is_read;

	heap->format = &goprof_format;
	heap->thread_word = STR("thread");
	reader_skip(&dump.r, sizeof(DUMP_MAGIC) - 1);
	is_read = read_records(&dump, err);
	places_resolve(&dump.places, &dump.frame_rows, heap);
	places_deinit(&dump.places);
	map_deinit(&dump.frame_rows);
	map_deinit(&dump.thread_rows);
	if (is_read)
		heap_take_objects(heap, dump.entries, dump.count);
	else
		free(dump.entries);
	return is_read;
}
