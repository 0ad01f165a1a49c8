// Says sizes, and everything that was left out or is only likely.
#include "heapdump/summary.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "heapdump/dominators.h"
#include "heapdump/heap.h"

static void write_doubts(const struct heap_quality *quality, size_t file_size,
			 struct writer *w)
{
	if (quality->is_truncated)
		writer_format(w,
			      "The dump is cut off: %" PRIu64
			      " of its %zu bytes are whole; what follows is missing, "
			      "roots perhaps among it\n",
			      quality->read_bytes, file_size);
	if (quality->bogus > 0)
		writer_format(w,
			      "Left out: %" PRIu64 " records (%" PRIu64
			      " bytes) that are no objects but mark bits, as Go since "
			      "1.22 writes them\n",
			      quality->bogus, quality->bogus_bytes);
	if (quality->overlapping > 0)
		writer_format(w, "%" PRIu64 " objects begin inside another one\n",
			      quality->overlapping);
	if (quality->is_incomplete)
		writer_text(
			w, "Some blocks are missing: they were allocated before the heap "
			   "profile ran at rate 1, or its tables were full\n");
	if (quality->is_conservative)
		writer_text(w,
			    "Pointers are found by looking: a number may pass for one, "
			    "and keep something reachable\n");
	if (quality->pause_ns > 0)
		writer_format(w, "The process stood still for %.1f ms\n",
			      (double)quality->pause_ns / 1e6);
}

void summary_text(const struct heap *heap, const struct dominators *dominators,
		  struct writer *w)
{
	uint64_t rest = heap->objects.count - dominators->reachable;

	writer_format(w, "%s", heap->format->name);
	if (heap->program.n > 0)
		writer_format(w, " of %.*s", (int)heap->program.n, heap->program.p);
	if (heap->version.n > 0)
		writer_format(w, " (%.*s)", (int)heap->version.n, heap->version.p);
	writer_format(w, ": %zu objects, %" PRIu64 " bytes", heap->objects.count,
		      heap->bytes);
	writer_format(w, "; %" PRIu64 " of them (%" PRIu64 " bytes) unreachable\n", rest,
		      heap->bytes - dominators->reachable_bytes);
	write_doubts(&heap->quality, heap->file.size, w);
}

void summary_json(const struct heap *heap, const struct dominators *dominators,
		  struct json *json)
{
	const struct heap_quality *quality = &heap->quality;

	json_key_string(json, "format", str_from(heap->format->name));
	json_key_string(json, "program", heap->program);
	json_key_string(json, "version", heap->version);
	json_key_i64(json, "objects", (int64_t)heap->objects.count);
	json_key_i64(json, "bytes", (int64_t)heap->bytes);
	json_key_i64(json, "reachable_objects", (int64_t)dominators->reachable);
	json_key_i64(json, "reachable_bytes", (int64_t)dominators->reachable_bytes);
	json_key_i64(json, "roots", (int64_t)heap->root_count);
	json_key_bool(json, "truncated", quality->is_truncated);
	json_key_bool(json, "incomplete", quality->is_incomplete);
	json_key_bool(json, "conservative", quality->is_conservative);
	json_key_i64(json, "left_out_records", (int64_t)quality->bogus);
	json_key_i64(json, "left_out_bytes", (int64_t)quality->bogus_bytes);
	json_key_i64(json, "overlapping_objects", (int64_t)quality->overlapping);
	json_key_i64(json, "pause_ns", (int64_t)quality->pause_ns);
	// runtime.MemStats of the dump itself.
	if (heap->has_go_stats) {
		json_key_i64(json, "go_heap_alloc", (int64_t)heap->go_stats[6]);
		json_key_i64(json, "go_heap_objects", (int64_t)heap->go_stats[11]);
	}
}
