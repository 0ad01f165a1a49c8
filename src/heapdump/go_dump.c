// One pass over the records; object contents are stepped over.
#include "heapdump/go_dump.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/reader.h"
#include "heapdump/go_objects.h"
#include "heapdump/go_slots.h"
#include "heapdump/heap.h"

// runtime/heapdump.go, tag*.
enum go_tag {
	GO_TAG_END,
	GO_TAG_OBJECT,
	GO_TAG_OTHER_ROOT,
	GO_TAG_TYPE,
	GO_TAG_GOROUTINE,
	GO_TAG_FRAME,
	GO_TAG_PARAMS,
	GO_TAG_FINALIZER,
	GO_TAG_ITAB,
	GO_TAG_THREAD,
	GO_TAG_MEMSTATS,
	GO_TAG_QUEUED_FINALIZER,
	GO_TAG_DATA,
	GO_TAG_BSS,
	GO_TAG_DEFER,
	GO_TAG_PANIC,
	GO_TAG_MEMPROF,
	GO_TAG_ALLOC_SAMPLE,
	GO_TAG_COUNT,
};

enum { PAUSES = 256, FRAMES_MAX = 4096 };

struct go_dump {
	struct heap *heap;
	struct reader r;
	struct address_entry *entries;
	size_t count, capacity;
	struct go_slots slots;
	uint32_t goroutine; // row of the one whose frames follow
	bool is_foreign;    // of another byte order or word size
};

static struct str read_str(struct go_dump *dump)
{
	uint64_t n = reader_uleb(&dump->r);
	const uint8_t *p = reader_bytes(&dump->r, n);

	return (struct str){ (const char *)p, p == NULL ? 0 : n };
}

static void skip_numbers(struct go_dump *dump, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		(void)reader_uleb(&dump->r);
}

// A stretch of memory: its bytes.
static void read_range(struct go_dump *dump, struct pointers_source *out)
{
	out->contents_size = reader_uleb(&dump->r);
	out->contents = reader_bytes(&dump->r, out->contents_size);
}

static void read_fields(struct go_dump *dump, struct pointers_source *out)
{
	const uint8_t *end = pointers_skip_list(dump->r.p, dump->r.end);

	out->form = POINTERS_LISTED;
	out->fields = dump->r.p;
	out->fields_end = end;
	if (end == NULL)
		reader_fail(&dump->r);
	else
		dump->r.p = end;
}

static void drop_bogus(struct go_dump *dump, size_t kept, uint64_t size)
{
	dump->heap->quality.bogus += dump->count - kept;
	dump->heap->quality.bogus_bytes += (dump->count - kept) * size;
	dump->count = kept;
}

static void read_object(struct go_dump *dump)
{
	uint64_t record = reader_offset(&dump->r);
	struct pointers_source source = { .address = reader_uleb(&dump->r) };
	uint64_t size_before = dump->slots.size;
	size_t kept;

	read_range(dump, &source);
	read_fields(dump, &source);
	if (!reader_ok(&dump->r))
		return;
	kept = go_slots_next(&dump->slots, dump->entries, dump->count, source.address,
			     source.contents_size);
	drop_bogus(dump, kept, size_before);
	dump->entries = table_reserve(dump->entries, &dump->capacity, dump->count + 1,
				      sizeof(*dump->entries));
	dump->entries[dump->count++] = (struct address_entry){ source.address, record };
	if (*source.fields != POINTERS_FIELD_END)
		go_slots_see_pointers(&dump->slots);
}

static void read_other_root(struct go_dump *dump)
{
	struct heap_root root = { .kind = HEAP_ROOT_OTHER, .thread = HEAP_NONE };
	uint64_t value;

	root.name = read_str(dump);
	value = reader_uleb(&dump->r);
	if (reader_ok(&dump->r))
		heap_add_pointer_root(dump->heap, root, value);
}

static void read_type(struct go_dump *dump)
{
	uint64_t address = reader_uleb(&dump->r);
	struct heap_type type = { .size = reader_uleb(&dump->r) };

	type.name = read_str(dump);
	skip_numbers(dump, 1);
	if (reader_ok(&dump->r))
		*map_put(&dump->heap->type_rows, address) =
			heap_add_type(dump->heap, type);
}

// An itab's address stands for its type wherever a word of an interface holds it.
static void read_itab(struct go_dump *dump)
{
	uint64_t itab = reader_uleb(&dump->r);
	uint32_t row = map_get(&dump->heap->type_rows, reader_uleb(&dump->r));

	if (reader_ok(&dump->r) && row != MAP_NONE)
		*map_put(&dump->heap->type_rows, itab) = row;
}

static void read_goroutine(struct go_dump *dump)
{
	struct heap_thread thread = { .handle = reader_uleb(&dump->r) };

	skip_numbers(dump, 1);
	thread.id = reader_uleb(&dump->r);
	skip_numbers(dump, 5);
	thread.state = read_str(dump);
	skip_numbers(dump, 4);
	if (reader_ok(&dump->r))
		dump->goroutine = heap_add_thread(dump->heap, thread);
}

static void read_frame(struct go_dump *dump)
{
	struct heap_root root = { .kind = HEAP_ROOT_FRAME, .thread = dump->goroutine };

	root.pointers.address = reader_uleb(&dump->r);
	skip_numbers(dump, 2);
	read_range(dump, &root.pointers);
	skip_numbers(dump, 3);
	root.name = read_str(dump);
	read_fields(dump, &root.pointers);
	if (reader_ok(&dump->r))
		heap_add_root(dump->heap, root);
}

static void read_segment(struct go_dump *dump, enum heap_root_kind kind, struct str name)
{
	struct heap_root root = { .kind = kind, .thread = HEAP_NONE, .name = name };

	root.pointers.address = reader_uleb(&dump->r);
	read_range(dump, &root.pointers);
	read_fields(dump, &root.pointers);
	if (reader_ok(&dump->r))
		heap_add_root(dump->heap, root);
}

static void read_data(struct go_dump *dump)
{
	read_segment(dump, HEAP_ROOT_DATA, STR("data"));
}

static void read_bss(struct go_dump *dump)
{
	read_segment(dump, HEAP_ROOT_BSS, STR("bss"));
}

static void read_params(struct go_dump *dump)
{
	uint64_t is_big_endian = reader_uleb(&dump->r);
	uint64_t word_size = reader_uleb(&dump->r);

	skip_numbers(dump, 2);
	(void)read_str(dump);
	dump->heap->version = read_str(dump);
	skip_numbers(dump, 1);
	dump->is_foreign = reader_ok(&dump->r) && (is_big_endian != 0 || word_size != 8);
	dump->slots = go_slots_of_version(dump->heap->version);
}

static void add_finalizer(struct go_dump *dump, struct str name, uint64_t value)
{
	struct heap_root root = { .kind = HEAP_ROOT_FINALIZER,
				  .thread = HEAP_NONE,
				  .name = name };

	if (reader_ok(&dump->r))
		heap_add_pointer_root(dump->heap, root, value);
}

// The function is kept by its finalizer; the object itself only once it is queued.
static void read_finalizer(struct go_dump *dump)
{
	uint64_t function;

	skip_numbers(dump, 1);
	function = reader_uleb(&dump->r);
	skip_numbers(dump, 3);
	add_finalizer(dump, STR("finalizer"), function);
}

static void read_queued_finalizer(struct go_dump *dump)
{
	uint64_t object = reader_uleb(&dump->r);

	skip_numbers(dump, 4);
	add_finalizer(dump, STR("queued finalizer"), object);
}

static void read_memstats(struct go_dump *dump)
{
	enum { STATS = sizeof(dump->heap->go_stats) / sizeof(dump->heap->go_stats[0]) };
	uint64_t values[STATS];

	for (unsigned i = 0; i < STATS; i++)
		values[i] = reader_uleb(&dump->r);
	skip_numbers(dump, PAUSES + 1);
	if (!reader_ok(&dump->r))
		return;
	memcpy(dump->heap->go_stats, values, sizeof(values));
	dump->heap->has_go_stats = true;
}

static void read_memprof(struct go_dump *dump)
{
	struct heap *heap = dump->heap;
	uint64_t bucket = reader_uleb(&dump->r), frames;
	struct heap_site site = { .first = (uint32_t)heap->site_frame_count };

	skip_numbers(dump, 1);
	frames = reader_uleb(&dump->r);
	if (frames > FRAMES_MAX)
		reader_fail(&dump->r);
	for (uint64_t i = 0; i < frames && reader_ok(&dump->r); i++) {
		struct heap_frame frame = { .function = read_str(dump) };

		frame.file = read_str(dump);
		frame.line = reader_uleb(&dump->r);
		heap_add_site_frame(heap, heap_add_frame(heap, frame));
	}
	site.count = (uint32_t)heap->site_frame_count - site.first;
	site.allocations = reader_uleb(&dump->r);
	site.frees = reader_uleb(&dump->r);
	if (reader_ok(&dump->r))
		*map_put(&heap->site_rows, bucket) = heap_add_site(heap, site);
}

// Which object is of which site is read when somebody asks; here only where it stands.
static void read_alloc_sample(struct go_dump *dump)
{
	if (dump->heap->samples_at == 0)
		dump->heap->samples_at = reader_offset(&dump->r);
	skip_numbers(dump, 2);
}

struct record_reader {
	void (*read)(struct go_dump *dump); // NULL: of no interest here
	unsigned numbers;                   // that such a record has
};

static const struct record_reader readers[GO_TAG_COUNT] = {
	[GO_TAG_OBJECT] = { .read = read_object },
	[GO_TAG_OTHER_ROOT] = { .read = read_other_root },
	[GO_TAG_TYPE] = { .read = read_type },
	[GO_TAG_GOROUTINE] = { .read = read_goroutine },
	[GO_TAG_FRAME] = { .read = read_frame },
	[GO_TAG_PARAMS] = { .read = read_params },
	[GO_TAG_FINALIZER] = { .read = read_finalizer },
	[GO_TAG_ITAB] = { .read = read_itab },
	[GO_TAG_THREAD] = { .numbers = 3 },
	[GO_TAG_MEMSTATS] = { .read = read_memstats },
	[GO_TAG_QUEUED_FINALIZER] = { .read = read_queued_finalizer },
	[GO_TAG_DATA] = { .read = read_data },
	[GO_TAG_BSS] = { .read = read_bss },
	[GO_TAG_DEFER] = { .numbers = 7 },
	[GO_TAG_PANIC] = { .numbers = 6 },
	[GO_TAG_MEMPROF] = { .read = read_memprof },
	[GO_TAG_ALLOC_SAMPLE] = { .read = read_alloc_sample },
};

static void read_record(struct go_dump *dump, uint64_t tag)
{
	if (readers[tag].read != NULL)
		readers[tag].read(dump);
	else
		skip_numbers(dump, readers[tag].numbers);
}

static bool read_records(struct go_dump *dump, struct error *err)
{
	struct heap_quality *quality = &dump->heap->quality;

	for (;;) {
		uint64_t tag;

		quality->read_bytes = reader_offset(&dump->r);
		tag = reader_uleb(&dump->r);
		if (!reader_ok(&dump->r)) {
			quality->is_truncated = true;
			return true;
		}
		if (tag == GO_TAG_END)
			return true;
		if (tag >= GO_TAG_COUNT || dump->count >= ADDRESS_NONE - 1)
			return error_set(
				err, ERROR_FORMAT,
				"offset %llu: no record of a Go heap dump: check "
				"that the file is what debug.WriteHeapDump wrote",
				(unsigned long long)quality->read_bytes);
		read_record(dump, tag);
		if (!reader_ok(&dump->r)) {
			quality->is_truncated = true;
			return true;
		}
		if (dump->is_foreign)
			return error_set(err, ERROR_UNSUPPORTED,
					 "a Go heap dump of another architecture: wants "
					 "little-endian words of 64 bits");
	}
}

static void decode(const struct heap *heap, uint64_t record, struct heap_object *out)
{
	struct reader r = reader_from(heap->file.bytes, heap->file.size);

	reader_seek(&r, record);
	out->address = reader_uleb(&r);
	out->size = reader_uleb(&r);
	out->pointers.form = POINTERS_LISTED;
	out->pointers.address = out->address;
	out->pointers.contents = reader_bytes(&r, out->size);
	out->pointers.contents_size = out->pointers.contents == NULL ? 0 : out->size;
	out->pointers.fields = r.p;
	out->pointers.fields_end = r.end;
}

static const struct heap_format go_format = {
	.name = "Go heap dump",
	.decode = decode,
	.classify = go_objects_classify,
};

bool go_dump_read(struct heap *heap, struct error *err)
{
	struct go_dump dump = {
		.heap = heap,
		.r = reader_from(heap->file.bytes, heap->file.size),
		.goroutine = HEAP_NONE,
	};

	heap->format = &go_format;
	heap->thread_word = STR("goroutine");
	reader_skip(&dump.r, sizeof(GO_DUMP_MAGIC) - 1);
	if (!read_records(&dump, err)) {
		free(dump.entries);
		return false;
	}
	drop_bogus(&dump, go_slots_finish(&dump.slots, dump.entries, dump.count),
		   dump.slots.size);
	heap_take_objects(heap, dump.entries, dump.count);
	return true;
}
