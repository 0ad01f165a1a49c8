// Joins entries and returns by goroutine: it may go on on another thread in between.
#include "golang/alloc_probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/fold.h"
#include "base/hash.h"
#include "base/map.h"
#include "golang/alloc_places.h"
#include "golang/layout.h"
#include "golang/probe.h"
#include "golang/process.h"

enum { RING_BYTES = 64 << 20 };

enum { PLACE_RETURN = ALLOC_FUNCTIONS_MAX }; // others are the function's row

struct kept_stack {
	size_t first; // in pcs
	uint32_t count;
	bool is_cut;
};

// An allocation that has begun. Those of one goroutine are a list, the newest first:
// a function that allocates may call another one.
struct pending {
	struct alloc_event event;
	uint64_t sp;
	uint32_t below; // row, MAP_NONE: none
	bool is_inner;  // part of the one below
};

struct alloc_probe {
	const struct go_process *process;
	enum alloc_detail detail;
	struct uprobe *uprobe;
	struct alloc_places places;
	struct map place_of; // by address in the process
	struct map newest;   // by address of the g -> row of pending
	struct pending *pending;
	size_t pending_count, pending_capacity;
	uint32_t unused; // first of the rows that are free, linked by `below`
	struct kept_stack *stacks;
	size_t stack_count, stack_capacity;
	struct fold stack_rows;
	uint64_t *pcs;
	size_t pc_count, pc_capacity;
	struct alloc_probe_counts counts;
};

static bool set_probe(struct alloc_probe *probe, uint64_t address, uint32_t place,
		      struct error *err)
{
	*map_put(&probe->place_of, address + probe->process->bias) = place;
	probe->counts.probes++;
	return go_probe_add(probe->process, probe->uprobe, address,
			    place == PLACE_RETURN ? UPROBE_REGISTERS : UPROBE_CALLERS,
			    err);
}

static bool set_returns(struct alloc_probe *probe, const struct alloc_function *function,
			struct error *err)
{
	for (size_t i = 0; i < function->return_count; i++) {
		if (!set_probe(probe, function->returns[i], PLACE_RETURN, err))
			return false;
	}
	return true;
}

// Returns first, so that no entry is seen whose return is not.
static bool set_probes(struct alloc_probe *probe, struct error *err)
{
	for (size_t i = 0;
	     i < probe->places.count && probe->detail == ALLOC_WITH_ADDRESSES; i++) {
		if (!set_returns(probe, &probe->places.functions[i], err))
			return false;
	}
	for (size_t i = 0; i < probe->places.count; i++) {
		if (!set_probe(probe, probe->places.functions[i].entry, (uint32_t)i, err))
			return false;
	}
	return true;
}

bool alloc_probe_open(const struct go_process *process, enum alloc_detail detail,
		      struct alloc_probe **out, struct error *err)
{
	struct uprobe_options options = {
		.ring_bytes = RING_BYTES,
		.wake = UPROBE_QUIET,
		.word_at = (uint32_t)process->layout->g.goid,
	};
	struct alloc_probe *probe = table_zeroed(1, sizeof(*probe));

	probe->process = process;
	probe->detail = detail;
	probe->unused = MAP_NONE;
	if (!alloc_places_find(process, &probe->places, err) ||
	    !go_probe_open(process, options, &probe->uprobe, err) ||
	    !set_probes(probe, err)) {
		alloc_probe_close(probe);
		return false;
	}
	*out = probe;
	return true;
}

void alloc_probe_close(struct alloc_probe *probe)
{
	if (probe == NULL)
		return;
	uprobe_close(probe->uprobe);
	map_deinit(&probe->place_of);
	map_deinit(&probe->newest);
	fold_deinit(&probe->stack_rows);
	free(probe->pending);
	free(probe->stacks);
	free(probe->pcs);
	free(probe);
}

static uint32_t add_stack(struct alloc_probe *probe, const uint64_t *pcs, uint32_t count,
			  bool is_cut)
{
	uint64_t hash = hash_bytes(pcs, count * sizeof(*pcs));
	uint32_t row;
	size_t slot;

	fold_reserve(&probe->stack_rows, 1);
	slot = fold_start(&probe->stack_rows, hash);
	while ((row = fold_next(&probe->stack_rows, hash, &slot)) != FOLD_NONE) {
		const struct kept_stack *stack = &probe->stacks[row];

		if (stack->count == count && stack->is_cut == is_cut &&
		    memcmp(probe->pcs + stack->first, pcs, count * sizeof(*pcs)) == 0)
			return row;
	}
	probe->pcs = table_reserve(probe->pcs, &probe->pc_capacity,
				   probe->pc_count + count + 1, sizeof(*pcs));
	memcpy(probe->pcs + probe->pc_count, pcs, count * sizeof(*pcs));
	probe->stacks = table_reserve(probe->stacks, &probe->stack_capacity,
				      probe->stack_count + 1, sizeof(*probe->stacks));
	row = (uint32_t)probe->stack_count++;
	probe->stacks[row] = (struct kept_stack){ probe->pc_count, count, is_cut };
	probe->pc_count += count;
	fold_add(&probe->stack_rows, hash, slot, row);
	return row;
}

// The frame of the function is not made yet, so that frame pointers lead to the caller's
// caller; the caller is the word that the stack pointer is at. Kernels since 6.11 put it
// there themselves where they see push %rbp.
static uint32_t take_stack(struct alloc_probe *probe, const struct uprobe_hit *hit)
{
	uint64_t pcs[UPROBE_STACK_DEPTH + 1];
	uint32_t count = 0;
	size_t from = 1;

	pcs[count++] = hit->head.caller;
	if (hit->depth > 1 && hit->stack[1] == hit->head.caller)
		from = 2;
	for (size_t i = from; i < hit->depth && hit->stack[i] != 0; i++)
		pcs[count++] = hit->stack[i];
	return add_stack(probe, pcs, count, hit->depth == UPROBE_STACK_DEPTH);
}

// On the stack of a thread (g0) it is done for the goroutine that the thread runs.
static uint64_t goroutine_of(const struct alloc_probe *probe,
			     const struct uprobe_head *head)
{
	const struct go_layout *l = probe->process->layout;
	uint64_t m, g;

	if (head->word != 0)
		return head->word;
	m = go_process_read_number(probe->process, head->r14 + (uint64_t)l->g.m, 8);
	g = m == 0 ? 0
		   : go_process_read_number(probe->process, m + (uint64_t)l->m.curg, 8);
	return g == 0 ? 0
		      : go_process_read_number(probe->process, g + (uint64_t)l->g.goid,
					       8);
}

static bool is_in_allocator(const struct alloc_probe *probe, uint64_t address)
{
	uint64_t at = address - probe->process->bias;

	for (size_t i = 0; i < probe->places.count; i++) {
		if (at > probe->places.functions[i].start &&
		    at <= probe->places.functions[i].limit)
			return true;
	}
	return false;
}

static uint32_t new_row(struct alloc_probe *probe)
{
	uint32_t row = probe->unused;

	if (row != MAP_NONE) {
		probe->unused = probe->pending[row].below;
		return row;
	}
	probe->pending = table_reserve(probe->pending, &probe->pending_capacity,
				       probe->pending_count + 1, sizeof(*probe->pending));
	return (uint32_t)probe->pending_count++;
}

static struct alloc_event event_of(struct alloc_probe *probe,
				   const struct uprobe_hit *hit)
{
	return (struct alloc_event){
		.time_ns = hit->head.time_ns,
		.size = hit->head.ax,
		.type = hit->head.bx,
		.goroutine = goroutine_of(probe, &hit->head),
		.stack = take_stack(probe, hit),
	};
}

static void enter(struct alloc_probe *probe, const struct uprobe_hit *hit)
{
	const struct uprobe_head *head = &hit->head;
	uint32_t row = new_row(probe);
	uint32_t *newest = map_put(&probe->newest, head->r14);
	struct pending *pending = &probe->pending[row];

	*pending = (struct pending){
		.sp = head->sp,
		.below = *newest,
		.is_inner = is_in_allocator(probe, head->caller),
	};
	*newest = row;
	if (!pending->is_inner)
		pending->event = event_of(probe, hit);
}

// A jump that is taken leads to more stack and then to the function's begin once more:
// jbe, by the flags of carry and zero.
static bool begins_anew(const struct alloc_probe *probe, uint32_t place,
			const struct uprobe_head *head)
{
	enum { CARRY = 0x01, ZERO = 0x40 };

	return probe->places.functions[place].is_check &&
	       (head->flags & (CARRY | ZERO)) != 0;
}

// Takes the newest one of the goroutine off its list.
static struct pending pop(struct alloc_probe *probe, uint32_t *newest)
{
	uint32_t row = *newest;
	struct pending pending = probe->pending[row];

	*newest = pending.below;
	probe->pending[row].below = probe->unused;
	probe->unused = row;
	return pending;
}

static bool has_sp(const struct alloc_probe *probe, uint32_t row, uint64_t sp)
{
	for (; row != MAP_NONE; row = probe->pending[row].below) {
		if (probe->pending[row].sp == sp)
			return true;
	}
	return false;
}

// A return belongs to the entry with the same stack pointer, and newer ones have lost
// theirs; where none has it, the stack was moved meanwhile, unless hits were lost.
static bool leave(struct alloc_probe *probe, const struct uprobe_head *head,
		  struct alloc_event *out)
{
	uint32_t *newest = map_put(&probe->newest, head->r14);
	struct pending pending;

	if (*newest == MAP_NONE)
		return false;
	if (has_sp(probe, *newest, head->sp)) {
		while (probe->pending[*newest].sp != head->sp)
			probe->counts.damaged += !pop(probe, newest).is_inner;
	} else if (uprobe_lost(probe->uprobe) > 0) {
		return false;
	}
	pending = pop(probe, newest);
	if (pending.is_inner || pending.event.size == 0)
		return false;
	*out = pending.event;
	out->address = head->ax;
	return true;
}

// Allocations of no bytes all have one address, and are none.
static bool take_entry(struct alloc_probe *probe, const struct uprobe_hit *hit,
		       struct alloc_event *out)
{
	if (probe->detail == ALLOC_WITH_ADDRESSES) {
		enter(probe, hit);
		return false;
	}
	if (hit->head.ax == 0 || is_in_allocator(probe, hit->head.caller))
		return false;
	*out = event_of(probe, hit);
	return true;
}

bool alloc_probe_next(struct alloc_probe *probe, struct alloc_event *out)
{
	struct uprobe_hit hit;

	while (uprobe_next(probe->uprobe, &hit)) {
		uint32_t place = map_get(&probe->place_of, hit.head.ip);

		if (place == MAP_NONE)
			continue;
		if (place == PLACE_RETURN ? leave(probe, &hit.head, out)
					  : !begins_anew(probe, place, &hit.head) &&
						    take_entry(probe, &hit, out))
			return true;
	}
	return false;
}

struct alloc_stack alloc_probe_stack(const struct alloc_probe *probe, uint32_t stack)
{
	const struct kept_stack *kept = &probe->stacks[stack];

	return (struct alloc_stack){ probe->pcs + kept->first, kept->count,
				     kept->is_cut };
}

struct alloc_probe_counts alloc_probe_counts(const struct alloc_probe *probe)
{
	struct alloc_probe_counts counts = probe->counts;

	counts.lost = uprobe_lost(probe->uprobe);
	return counts;
}
