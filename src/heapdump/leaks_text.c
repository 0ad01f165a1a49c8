// Totals as valgrind's summary orders them, then a line and a stack for each place.
#include "heapdump/leaks_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "heapdump/heap.h"
#include "heapdump/leaks.h"

enum { FRAMES_SHOWN = 12 };

static const enum leaks_kind kinds[] = { LEAKS_DEFINITE, LEAKS_INDIRECT, LEAKS_POSSIBLE,
					 LEAKS_REACHABLE };

static const char *const keys[] = {
	[LEAKS_REACHABLE] = "still_reachable",
	[LEAKS_POSSIBLE] = "possibly_lost",
	[LEAKS_INDIRECT] = "indirectly_lost",
	[LEAKS_DEFINITE] = "definitely_lost",
};

static const struct heap_site *site_of(const struct heap *heap, uint32_t object)
{
	if (heap->sites_of == NULL || heap->sites_of[object] == HEAP_NONE)
		return NULL;
	return &heap->sites[heap->sites_of[object]];
}

static void write_stack(const struct heap *heap, uint32_t object, struct writer *w)
{
	const struct heap_site *site = site_of(heap, object);

	for (uint32_t i = 0; site != NULL && i < site->count && i < FRAMES_SHOWN; i++) {
		const struct heap_frame *frame = heap_site_frame(heap, site, i);

		writer_format(w, "    %.*s", (int)frame->function.n, frame->function.p);
		if (frame->file.n > 0)
			writer_format(w, "  %.*s:%" PRIu64, (int)frame->file.n,
				      frame->file.p, frame->line);
		writer_char(w, '\n');
	}
}

static void write_row(const struct leaks_row *row, const struct heap *heap,
		      struct writer *w)
{
	writer_format(w, "%s: %" PRIu64 " bytes in %" PRIu64 " blocks",
		      leaks_kind_name(row->kind), row->bytes, row->count);
	if (row->indirect_bytes > 0)
		writer_format(w, " (and %" PRIu64 " indirectly)", row->indirect_bytes);
	writer_format(w, ": %.*s, such as 0x%" PRIx64 "\n", (int)row->name.n, row->name.p,
		      address_index_address(&heap->objects, row->example));
	write_stack(heap, row->example, w);
}

static size_t lost_rows(const struct leaks *leaks, size_t most)
{
	size_t count = 0;

	while (count < leaks->count && leaks->rows[count].kind != LEAKS_REACHABLE)
		count++;
	return most != 0 && count > most ? most : count;
}

void leaks_text(const struct leaks *leaks, const struct heap *heap, size_t most,
		struct writer *w)
{
	size_t shown = lost_rows(leaks, most);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct leaks_total *total = &leaks->totals[kinds[i]];

		writer_format(w, "%16s: %" PRIu64 " bytes in %" PRIu64 " blocks\n",
			      leaks_kind_name(kinds[i]), total->bytes, total->count);
	}
	for (size_t i = 0; i < shown; i++)
		write_row(&leaks->rows[i], heap, w);
}

static void write_stack_json(const struct heap *heap, uint32_t object, struct json *json)
{
	const struct heap_site *site = site_of(heap, object);

	json_key(json, "stack");
	json_array_begin(json);
	for (uint32_t i = 0; site != NULL && i < site->count; i++) {
		const struct heap_frame *frame = heap_site_frame(heap, site, i);

		json_object_begin(json);
		json_key_string(json, "function", frame->function);
		json_key_string(json, "file", frame->file);
		json_key_i64(json, "line", (int64_t)frame->line);
		json_object_end(json);
	}
	json_array_end(json);
}

void leaks_text_json(const struct leaks *leaks, const struct heap *heap, size_t most,
		     struct json *json)
{
	size_t shown = lost_rows(leaks, most);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		json_key(json, keys[kinds[i]]);
		json_object_begin(json);
		json_key_i64(json, "blocks", (int64_t)leaks->totals[kinds[i]].count);
		json_key_i64(json, "bytes", (int64_t)leaks->totals[kinds[i]].bytes);
		json_object_end(json);
	}
	json_key(json, "rows");
	json_array_begin(json);
	for (size_t i = 0; i < shown; i++) {
		const struct leaks_row *row = &leaks->rows[i];

		json_object_begin(json);
		json_key_string(json, "kind", str_from(keys[row->kind]));
		json_key_string(json, "name", row->name);
		json_key_i64(json, "blocks", (int64_t)row->count);
		json_key_i64(json, "bytes", (int64_t)row->bytes);
		json_key_i64(json, "indirect_bytes", (int64_t)row->indirect_bytes);
		write_stack_json(heap, row->example, json);
		json_object_end(json);
	}
	json_array_end(json);
}
