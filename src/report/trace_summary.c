// Adds up the sites of the ledger and prints them.
#include "report/trace_summary.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/trace_text.h"

enum { SHOWN_MAX = 10 };

static unsigned size_class(uint64_t size)
{
	return size == 0 ? 0 : 64 - (unsigned)__builtin_clzll(size);
}

static int by_allocated(const void *a, const void *b)
{
	const struct trace_stack_total *x = a, *y = b;

	if (x->allocated_bytes != y->allocated_bytes)
		return x->allocated_bytes < y->allocated_bytes ? 1 : -1;
	return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static int by_live(const void *a, const void *b)
{
	const struct trace_stack_total *x = a, *y = b;

	if (x->live_bytes != y->live_bytes)
		return x->live_bytes < y->live_bytes ? 1 : -1;
	return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static void add_site(struct trace_summary *summary, struct map *rows,
		     const struct trace_site *site)
{
	uint32_t *place = map_put(rows, site->stack);
	uint64_t live = site->allocated - site->freed;
	struct trace_stack_total *total;

	if (*place == MAP_NONE) {
		*place = (uint32_t)summary->stack_count;
		summary->stacks =
			table_reserve(summary->stacks, &summary->stack_capacity,
				      summary->stack_count + 1, sizeof(*summary->stacks));
		summary->stacks[summary->stack_count++] =
			(struct trace_stack_total){ .stack = site->stack };
	}
	total = &summary->stacks[*place];
	total->allocated += site->allocated;
	total->allocated_bytes += site->allocated * site->size;
	total->live += live;
	total->live_bytes += live * site->size;
	summary->sizes[size_class(site->size)].allocated += site->allocated;
	summary->sizes[size_class(site->size)].live += live;
}

void trace_summary_init(struct trace_summary *summary, const struct trace_ledger *ledger,
			uint64_t lost)
{
	struct map rows = { 0 };

	*summary = (struct trace_summary){ .ledger = ledger, .lost = lost };
	for (size_t i = 0; i < ledger->site_count; i++)
		add_site(summary, &rows, &ledger->sites[i]);
	map_deinit(&rows);
	for (int i = 0; i < TRACE_EVENTS; i++) {
		if (trace_has_size((enum trace_event)i))
			summary->allocations += ledger->events[i];
		else
			summary->frees += ledger->events[i];
	}
	if (summary->stack_count > 0)
		qsort(summary->stacks, summary->stack_count, sizeof(*summary->stacks),
		      by_allocated);
}

void trace_summary_deinit(struct trace_summary *summary)
{
	free(summary->stacks);
}

static void write_stack(const struct trace_names *names, uint32_t stack, struct writer *w)
{
	struct profile_stack_view view = names->find(names->context, stack);

	trace_text_stack(names->profile, &view, w);
	writer_char(w, '\n');
}

static void write_counts(const struct trace_summary *summary, struct writer *w)
{
	const struct trace_ledger *ledger = summary->ledger;

	writer_format(w,
		      "%" PRIu64 " allocations, %" PRIu64 " frees, at most %" PRIu64
		      " bytes live\n",
		      summary->allocations, summary->frees, ledger->most_live_bytes);
	writer_format(w,
		      "malloc %" PRIu64 ", calloc %" PRIu64 ", realloc %" PRIu64
		      ", aligned %" PRIu64 "; %" PRIu64
		      " frees of blocks that were not seen allocated\n",
		      ledger->events[TRACE_MALLOC], ledger->events[TRACE_CALLOC],
		      ledger->events[TRACE_REALLOC], ledger->events[TRACE_ALIGNED],
		      ledger->unknown_frees);
	if (summary->lost > 0)
		writer_format(w,
			      "%" PRIu64 " events were lost at the end, because the file "
			      "was full: leaks are not known\n",
			      summary->lost);
	writer_text(w, "\n   size below  allocations         live\n");
	for (unsigned i = 0; i < TRACE_SIZE_CLASSES; i++) {
		const struct trace_size_total *total = &summary->sizes[i];

		if (total->allocated > 0)
			writer_format(w, "%13.0f %12" PRIu64 " %12" PRIu64 "\n",
				      (double)(i < 64 ? (uint64_t)1 << i : UINT64_MAX),
				      total->allocated, total->live);
	}
	writer_char(w, '\n');
}

static void write_leaks(struct trace_summary *summary, const struct trace_names *names,
			struct writer *w)
{
	if (summary->lost > 0 || summary->stack_count == 0)
		return;
	qsort(summary->stacks, summary->stack_count, sizeof(*summary->stacks), by_live);
	writer_format(w, "%s: %" PRIu64 " blocks, %" PRIu64 " bytes\n\n",
		      summary->is_part ? "allocated in that time and not freed in it"
				       : "not freed",
		      summary->ledger->live, summary->ledger->live_bytes);
	for (size_t i = 0; i < summary->stack_count && i < SHOWN_MAX; i++) {
		const struct trace_stack_total *total = &summary->stacks[i];

		if (total->live == 0)
			break;
		writer_format(w, "%" PRIu64 " blocks, %" PRIu64 " bytes not freed:\n",
			      total->live, total->live_bytes);
		write_stack(names, total->stack, w);
	}
}

static const char *fault_text(enum trace_fault fault)
{
	static const char *const texts[] = {
		[TRACE_FAULT_DOUBLE] = "freed twice",
		[TRACE_FAULT_INTERIOR] = "freed inside the block",
		[TRACE_FAULT_STACK] = "freed though it is on the stack",
	};

	return texts[fault];
}

static void write_wrong(const struct trace_wrong_free *wrong,
			const struct trace_names *names, struct writer *w)
{
	const struct trace_block *block = &wrong->block;

	writer_format(w, "0x%" PRIx64 " was %s", wrong->address,
		      fault_text(wrong->fault));
	if (wrong->fault == TRACE_FAULT_INTERIOR)
		writer_format(w, " 0x%" PRIx64, block->address);
	writer_format(w, ", by thread %u:\n", wrong->tid);
	write_stack(names, wrong->stack, w);
	if (wrong->fault == TRACE_FAULT_STACK)
		return;
	writer_format(w, "the block, 0x%" PRIx64 " bytes, allocated by thread %u:\n",
		      block->size, block->tid);
	write_stack(names, block->stack, w);
	if (wrong->fault != TRACE_FAULT_DOUBLE)
		return;
	writer_format(w, "freed before by thread %u:\n", block->free_tid);
	write_stack(names, block->free_stack, w);
}

void trace_summary_faults(struct trace_summary *summary, const struct trace_names *names,
			  struct writer *w)
{
	const struct trace_ledger *ledger = summary->ledger;

	write_leaks(summary, names, w);
	if (ledger->wrong_total > 0)
		writer_format(w, "%" PRIu64 " frees are wrong\n\n", ledger->wrong_total);
	for (size_t i = 0; i < ledger->wrong_count && i < SHOWN_MAX; i++)
		write_wrong(&ledger->wrong[i], names, w);
}

void trace_summary_text(struct trace_summary *summary, const struct trace_names *names,
			struct writer *w)
{
	write_counts(summary, w);
	for (size_t i = 0; i < summary->stack_count && i < SHOWN_MAX; i++) {
		const struct trace_stack_total *total = &summary->stacks[i];

		writer_format(w, "%" PRIu64 " allocations, %" PRIu64 " bytes:\n",
			      total->allocated, total->allocated_bytes);
		write_stack(names, total->stack, w);
	}
	trace_summary_faults(summary, names, w);
}

static void write_stack_json(const struct trace_names *names, uint32_t stack,
			     const char *key, struct json *json)
{
	struct profile_stack_view view = names->find(names->context, stack);

	json_key(json, key);
	trace_text_stack_json(names->profile, &view, json);
}

static void write_stacks_json(const struct trace_summary *summary,
			      const struct trace_names *names, struct json *json)
{
	json_key(json, "stacks");
	json_array_begin(json);
	for (size_t i = 0; i < summary->stack_count; i++) {
		const struct trace_stack_total *total = &summary->stacks[i];

		json_object_begin(json);
		json_key_i64(json, "allocated", (int64_t)total->allocated);
		json_key_i64(json, "allocated_bytes", (int64_t)total->allocated_bytes);
		json_key_i64(json, "live", (int64_t)total->live);
		json_key_i64(json, "live_bytes", (int64_t)total->live_bytes);
		write_stack_json(names, total->stack, "stack", json);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_wrong_json(const struct trace_ledger *ledger,
			     const struct trace_names *names, struct json *json)
{
	static const char *const words[] = { "double", "interior", "stack" };

	json_key(json, "wrong_frees");
	json_array_begin(json);
	for (size_t i = 0; i < ledger->wrong_count; i++) {
		const struct trace_wrong_free *wrong = &ledger->wrong[i];

		json_object_begin(json);
		json_key_string(json, "fault", str_from(words[wrong->fault]));
		json_key_i64(json, "address", (int64_t)wrong->address);
		json_key_i64(json, "thread", wrong->tid);
		write_stack_json(names, wrong->stack, "stack", json);
		write_stack_json(names, wrong->block.stack, "allocated", json);
		write_stack_json(names, wrong->block.free_stack, "freed", json);
		json_object_end(json);
	}
	json_array_end(json);
}

void trace_summary_json(const struct trace_summary *summary,
			const struct trace_names *names, struct writer *w)
{
	const struct trace_ledger *ledger = summary->ledger;
	struct json json = json_to(w);

	json_object_begin(&json);
	json_key_i64(&json, "allocations", (int64_t)summary->allocations);
	json_key_i64(&json, "frees", (int64_t)summary->frees);
	json_key_i64(&json, "unknown_frees", (int64_t)ledger->unknown_frees);
	json_key_i64(&json, "lost", (int64_t)summary->lost);
	json_key_i64(&json, "live", (int64_t)ledger->live);
	json_key_i64(&json, "live_bytes", (int64_t)ledger->live_bytes);
	json_key_i64(&json, "most_live_bytes", (int64_t)ledger->most_live_bytes);
	write_stacks_json(summary, names, &json);
	write_wrong_json(ledger, names, &json);
	json_object_end(&json);
	writer_char(w, '\n');
}
