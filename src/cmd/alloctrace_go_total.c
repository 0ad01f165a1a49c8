// The same sums in two renderings.
#include "cmd/alloctrace_go_total.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "source/go_allocations.h"

// What text shows; JSON has all.
enum { STACKS_SHOWN = 20 };

static struct str shown_type(struct str type)
{
	return type.n > 0 ? type : STR("(no type: memory without pointers)");
}

void alloctrace_go_total(const struct go_allocations *allocations, struct go_code *code,
			 double seconds, struct writer *w)
{
	struct go_allocation_sums sums;

	go_allocations_sum(allocations, &sums);
	writer_format(w,
		      "%" PRIu64 " allocations of %" PRIu64 " bytes in %.1f s\n\n"
		      "       count           bytes  type\n",
		      sums.count, sums.bytes, seconds);
	for (size_t i = 0; i < sums.type_count; i++) {
		writer_format(w, "%12" PRIu64 " %15" PRIu64 "  ", sums.types[i].count,
			      sums.types[i].bytes);
		writer_str(w, shown_type(sums.types[i].type));
		writer_char(w, '\n');
	}
	for (size_t i = 0; i < sums.stack_count && i < STACKS_SHOWN; i++) {
		writer_format(w, "\n%" PRIu64 " allocations of %" PRIu64 " bytes:\n",
			      sums.stacks[i].count, sums.stacks[i].bytes);
		alloc_text_stack(sums.stacks[i].stack, code, w);
	}
	if (sums.stack_count > STACKS_SHOWN)
		writer_format(w, "\nand %zu other stacks\n",
			      sums.stack_count - STACKS_SHOWN);
	go_allocation_sums_deinit(&sums);
}

static void write_amount(const struct go_allocation_sum *sum, struct json *json)
{
	json_key_i64(json, "count", (int64_t)sum->count);
	json_key_i64(json, "bytes", (int64_t)sum->bytes);
}

void alloctrace_go_total_json(const struct go_allocations *allocations,
			      struct go_code *code, double seconds, struct writer *w)
{
	struct alloc_probe_counts counts = go_allocations_counts(allocations);
	struct json json = json_to(w);
	struct go_allocation_sums sums;

	go_allocations_sum(allocations, &sums);
	json_object_begin(&json);
	json_key_i64(&json, "duration_ns", (int64_t)(seconds * 1e9));
	json_key_i64(&json, "count", (int64_t)sums.count);
	json_key_i64(&json, "bytes", (int64_t)sums.bytes);
	json_key_i64(&json, "lost_hits", (int64_t)counts.lost);
	json_key_i64(&json, "left_out", (int64_t)counts.damaged);
	json_key(&json, "types");
	json_array_begin(&json);
	for (size_t i = 0; i < sums.type_count; i++) {
		json_object_begin(&json);
		json_key_string(&json, "type", sums.types[i].type);
		write_amount(&sums.types[i], &json);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_key(&json, "stacks");
	json_array_begin(&json);
	for (size_t i = 0; i < sums.stack_count; i++) {
		json_object_begin(&json);
		write_amount(&sums.stacks[i], &json);
		json_key(&json, "stack");
		alloc_text_stack_json(sums.stacks[i].stack, code, &json);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	writer_char(w, '\n');
	go_allocation_sums_deinit(&sums);
}
