// Reads runtime.allgs batch by batch: all its g, then each stack and at once its g again.
//
// g.trackingSeq counts each time that a goroutine stops running (casgstatus, since Go
// 1.17), so two equal readings of a g mean that it has not run in between, and that the
// stack read between them is whole. Two holes: since 1.26 system calls do not count, so
// the syscalltick of the thread must be equal as well; since 1.23 coroutines switch
// without counting, so their stacks are read twice.
#include "golang/goroutines.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "golang/code.h"
#include "golang/goroutine_facts.h"
#include "golang/guarded_read.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "golang/records.h"

enum {
	BATCH = 512,
	ATTEMPTS = 8,
	RETRIED_AT_ONCE = 8, // few, so that little time passes between two readings
	RANGES_A_SLOT = 5,   // tick, stack, g, tick, stack again
	STACK_LIMIT = 256 << 20,
	STACKS_LIMIT = 64 << 20, // of one round of a batch, unless one alone is larger
	LIST_LIMIT = 1 << 28,
	CALM_STACK = 2048,
};

// One goroutine of the batch in work.
struct slot {
	struct goroutine goroutine;
	unsigned attempts;
	bool is_done, is_wanted, is_system;
	bool has_stack; // this round reads it
	size_t stack;   // offset in stacks
	size_t stack_size;
	size_t first_frame;                    // in frames
	size_t range;                          // first one of this round
	const struct goroutine_thread *sample; // has the stack, NULL: stacks has
	uint32_t ticks[2];
	bool has_ticks, is_twice;
	bool is_read, is_doubtful; // in this round; see guarded_read
};

struct goroutine_reader {
	struct go_process *process;
	const struct goroutine_options *options;
	struct goroutine_facts facts;
	struct slot slots[BATCH];
	size_t slot_count;
	struct slot *active[BATCH]; // in work this round
	size_t active_count;
	uint8_t *before, *after; // BATCH copies of g
	struct records records;
	struct record_want wants[BATCH];
	size_t g_size;
	size_t after_size; // of g, what is compared lies within
	uint8_t *stacks;
	size_t stacks_capacity;
	struct memory_range ranges[BATCH * RANGES_A_SLOT];
	size_t range_count;
	struct go_frames frames;
	struct goroutine_counts *counts;
};

static uint8_t *before_of(struct goroutine_reader *reader, const struct slot *slot)
{
	return reader->before + (size_t)(slot - reader->slots) * reader->g_size;
}

static uint8_t *after_of(struct goroutine_reader *reader, const struct slot *slot)
{
	return reader->after + (size_t)(slot - reader->slots) * reader->g_size;
}

static void add_range(struct goroutine_reader *reader, uint64_t address, void *buffer,
		      size_t size)
{
	reader->ranges[reader->range_count++] = (struct memory_range){
		.address = address,
		.buffer = buffer,
		.size = size,
	};
}

static bool is_dead(const struct goroutine *goroutine)
{
	return goroutine->status == GOROUTINE_IDLE ||
	       goroutine->status == GOROUTINE_DEAD ||
	       goroutine->status == GOROUTINE_DEAD_EXTRA;
}

static bool is_on_cpu(const struct goroutine *goroutine)
{
	return (goroutine->status == GOROUTINE_RUNNING && !goroutine->is_in_syscall) ||
	       goroutine->status == GOROUTINE_COPYSTACK;
}

static bool has_bounds(const struct goroutine *goroutine)
{
	return goroutine->stack_low <= goroutine->sp &&
	       goroutine->sp < goroutine->stack_high &&
	       goroutine->stack_high - goroutine->sp <= STACK_LIMIT;
}

static const struct goroutine_thread *find_thread(const struct goroutine_reader *reader,
						  const struct goroutine *goroutine)
{
	const struct goroutine_options *options = reader->options;
	uint64_t procid = goroutine->m + (uint64_t)reader->process->layout->m.procid;
	int tid;

	if (options->thread_count == 0 || goroutine->m == 0)
		return NULL;
	tid = (int)go_process_read_number(reader->process, procid, 4);
	for (size_t i = 0; i < options->thread_count; i++) {
		if (options->threads[i].tid == tid)
			return &options->threads[i];
	}
	return NULL;
}

// Unwinds the copy of a stack that a running goroutine had a moment before.
static void take_sample(struct goroutine_reader *reader, struct slot *slot,
			const struct goroutine_thread *thread)
{
	struct goroutine *goroutine = &slot->goroutine;

	slot->first_frame = reader->frames.count;
	slot->sample = thread;
	goroutine->is_sampled = true;
	goroutine->stack =
		memory_from_bytes(thread->sp, thread->stack, thread->stack_size);
	goroutine->stack_state =
		goroutine_unwind(reader->process->code, goroutine, &reader->frames)
			? GOROUTINE_WHOLE
			: GOROUTINE_INCOMPLETE;
	goroutine->frame_count = reader->frames.count - slot->first_frame;
}

// Whether the thread that runs a goroutine tells where its stack is now. While it works
// on a stack of the runtime's (systemstack), the goroutine's own is as its sched says.
static bool take_thread(struct goroutine_reader *reader, struct slot *slot)
{
	struct goroutine *goroutine = &slot->goroutine;
	const struct goroutine_thread *thread = find_thread(reader, goroutine);
	bool is_within;

	if (thread == NULL)
		return false;
	is_within =
		goroutine->stack_low <= thread->sp && thread->sp < goroutine->stack_high;
	if (is_within) {
		goroutine->pc = thread->pc;
		goroutine->sp = thread->sp;
		goroutine->is_exact = true;
	}
	if (thread->stack == NULL)
		return true;
	if (is_within)
		take_sample(reader, slot, thread);
	return false;
}

// Decides what a goroutine needs, from the first reading of its g.
static void look_at(struct goroutine_reader *reader, struct slot *slot)
{
	struct goroutine *goroutine = &slot->goroutine;
	const struct goroutine_options *options = reader->options;
	bool is_moving;

	goroutine_decode(reader->process, goroutine->address, before_of(reader, slot),
			 goroutine);
	slot->has_stack = false;
	slot->is_system = !is_dead(goroutine) &&
			  goroutine_facts_is_system(&reader->facts, goroutine);
	slot->is_wanted = !is_dead(goroutine) &&
			  (!slot->is_system || options->with_system) &&
			  (options->filter == NULL ||
			   options->filter->wants(options->filter, goroutine));
	is_moving = slot->is_wanted && is_on_cpu(goroutine) && !take_thread(reader, slot);
	slot->is_done = !slot->is_wanted || is_moving;
	if (!slot->is_wanted)
		return;
	if (!goroutine->is_sampled)
		goroutine->stack_state = is_moving ? GOROUTINE_ON_CPU : GOROUTINE_CHANGED;
	slot->has_stack = !slot->is_done && has_bounds(goroutine);
	slot->has_ticks = goroutine->is_in_syscall && goroutine->m != 0;
	slot->is_twice = reader->facts.coroutine_reason != 0 &&
			 goroutine->wait_reason == reader->facts.coroutine_reason;
}

// Reads the g of each slot in work; what cannot be read is zeros.
static void read_records(struct goroutine_reader *reader)
{
	size_t count = reader->active_count;

	for (size_t i = 0; i < count; i++)
		reader->wants[i] = (struct record_want){
			.address = reader->active[i]->goroutine.address,
			.buffer = before_of(reader, reader->active[i]),
		};
	records_read(&reader->records, reader->process, reader->wants, count,
		     reader->g_size);
	for (size_t i = 0; i < count; i++) {
		if (!reader->wants[i].is_read)
			memset(reader->wants[i].buffer, 0, reader->g_size);
	}
}

static void read_first(struct goroutine_reader *reader)
{
	read_records(reader);
	for (size_t i = 0; i < reader->active_count; i++)
		look_at(reader, reader->active[i]);
}

// Where the stacks of slots that are done end; those of others are read anew.
static size_t kept_stacks(const struct goroutine_reader *reader)
{
	size_t end = 0;

	for (size_t i = 0; i < reader->slot_count; i++) {
		const struct slot *slot = &reader->slots[i];

		if (slot->is_done && slot->stack + slot->stack_size > end)
			end = slot->stack + slot->stack_size;
	}
	return end;
}

// Gives the slots of this round their places among the stacks; those that find none wait
// for the next round.
static void place_stacks(struct goroutine_reader *reader)
{
	size_t kept = kept_stacks(reader), wanted = 0;

	for (size_t i = 0; i < reader->active_count; i++) {
		struct slot *slot = reader->active[i];
		size_t size = slot->goroutine.stack_high - slot->goroutine.sp;
		size_t all = slot->is_twice ? 2 * size : size;

		if (slot->is_done || !slot->has_stack)
			continue;
		slot->has_stack = wanted == 0 || wanted + all <= STACKS_LIMIT;
		if (!slot->has_stack)
			continue;
		slot->stack_size = size;
		slot->stack = kept + wanted;
		wanted += all;
	}
	reader->stacks = table_reserve(reader->stacks, &reader->stacks_capacity,
				       kept + wanted + 1, 1);
}

static void add_slot_ranges(struct goroutine_reader *reader, struct slot *slot)
{
	const struct goroutine *goroutine = &slot->goroutine;
	uint64_t tick = goroutine->m + (uint64_t)reader->process->layout->m.syscalltick;
	uint8_t *stack = reader->stacks + slot->stack;

	slot->range = reader->range_count;
	if (slot->has_ticks)
		add_range(reader, tick, &slot->ticks[0], sizeof(slot->ticks[0]));
	add_range(reader, goroutine->sp, stack, slot->stack_size);
	if (slot->is_twice)
		add_range(reader, goroutine->sp, stack + slot->stack_size,
			  slot->stack_size);
	add_range(reader, goroutine->address, after_of(reader, slot), reader->after_size);
	if (slot->has_ticks)
		add_range(reader, tick, &slot->ticks[1], sizeof(slot->ticks[1]));
}

static bool ranges_are_read(const struct goroutine_reader *reader,
			    const struct slot *slot)
{
	size_t count = 2 + 2 * (size_t)slot->has_ticks + (size_t)slot->is_twice;

	for (size_t i = 0; i < count; i++) {
		if (!reader->ranges[slot->range + i].is_read)
			return false;
	}
	return true;
}

// Whether the goroutine has not run between the two readings of its g.
static bool is_unchanged(struct goroutine_reader *reader, struct slot *slot)
{
	const struct goroutine *a = &slot->goroutine;
	const uint8_t *stack = reader->stacks + slot->stack;
	struct goroutine b;

	if (!slot->is_read)
		return false;
	goroutine_decode(reader->process, a->address, after_of(reader, slot), &b);
	if (a->is_exact) {
		b.pc = a->pc;
		b.sp = a->sp;
	}
	return a->id == b.id && a->status == b.status &&
	       a->tracking_seq == b.tracking_seq && a->stack_low == b.stack_low &&
	       a->stack_high == b.stack_high && a->pc == b.pc && a->sp == b.sp &&
	       a->is_in_syscall == b.is_in_syscall && a->m == b.m &&
	       (!slot->has_ticks || slot->ticks[0] == slot->ticks[1]) &&
	       (!slot->is_twice ||
		memcmp(stack, stack + slot->stack_size, slot->stack_size) == 0);
}

// Unwinds what was read, if it can be believed.
static void judge(struct goroutine_reader *reader, struct slot *slot)
{
	struct goroutine *goroutine = &slot->goroutine;
	bool is_last = ++slot->attempts == ATTEMPTS;

	slot->is_done = is_last;
	if (!is_unchanged(reader, slot) || (slot->is_doubtful && !is_last)) {
		reader->counts->retried += !is_last;
		return;
	}
	slot->first_frame = reader->frames.count;
	goroutine->stack = memory_from_bytes(goroutine->sp, reader->stacks + slot->stack,
					     slot->stack_size);
	if (goroutine_unwind(reader->process->code, goroutine, &reader->frames)) {
		goroutine->stack_state = GOROUTINE_WHOLE;
		slot->is_done = true;
	} else {
		reader->counts->retried += !is_last;
		goroutine->stack_state = GOROUTINE_INCOMPLETE;
	}
	goroutine->frame_count = reader->frames.count - slot->first_frame;
}

// Most goroutines wait, and are read several at once.
static bool is_calm(const struct goroutine_reader *reader, const struct slot *slot)
{
	return slot->goroutine.status == GOROUTINE_WAITING && slot->attempts == 0 &&
	       !slot->has_ticks && !slot->is_twice && slot->stack_size <= CALM_STACK &&
	       reader->after_size <= GUARDED_READ_BYTES;
}

static void read_calm(struct goroutine_reader *reader, struct slot *const *slots,
		      size_t count)
{
	struct guarded_want wants[GUARDED_READ_MAX];
	bool is_in_time;

	for (size_t i = 0; i < count; i++)
		wants[i] = (struct guarded_want){
			.address = slots[i]->goroutine.sp,
			.buffer = reader->stacks + slots[i]->stack,
			.size = slots[i]->stack_size,
			.guard = slots[i]->goroutine.address,
			.guard_buffer = after_of(reader, slots[i]),
		};
	is_in_time = guarded_read(reader->process, wants, count, reader->after_size);
	for (size_t i = 0; i < count; i++) {
		slots[i]->is_doubtful = !is_in_time;
		slots[i]->is_read = is_in_time && wants[i].is_read;
	}
}

static void read_others(struct goroutine_reader *reader, struct slot *const *slots,
			size_t count)
{
	bool is_in_time;

	reader->range_count = 0;
	for (size_t i = 0; i < count; i++)
		add_slot_ranges(reader, slots[i]);
	is_in_time =
		guarded_read_ranges(reader->process, reader->ranges, reader->range_count);
	for (size_t i = 0; i < count; i++) {
		slots[i]->is_doubtful = !is_in_time;
		slots[i]->is_read = ranges_are_read(reader, slots[i]);
	}
}

// Reads the stacks of this round: those of goroutines that wait by the dozen.
static void read_placed(struct goroutine_reader *reader)
{
	struct slot *calm[GUARDED_READ_MAX], *others[BATCH];
	size_t calm_count = 0, other_count = 0;

	for (size_t i = 0; i < reader->active_count; i++) {
		struct slot *slot = reader->active[i];

		if (slot->is_done || !slot->has_stack)
			continue;
		if (!is_calm(reader, slot)) {
			others[other_count++] = slot;
			continue;
		}
		calm[calm_count++] = slot;
		if (calm_count == GUARDED_READ_MAX) {
			read_calm(reader, calm, calm_count);
			calm_count = 0;
		}
	}
	if (calm_count > 0)
		read_calm(reader, calm, calm_count);
	if (other_count > 0)
		read_others(reader, others, other_count);
}

static void read_stacks(struct goroutine_reader *reader)
{
	place_stacks(reader);
	read_placed(reader);
	for (size_t i = 0; i < reader->active_count; i++) {
		struct slot *slot = reader->active[i];

		if (slot->is_done)
			continue;
		if (slot->has_stack)
			judge(reader, slot);
		else if (!has_bounds(&slot->goroutine))
			slot->is_done = ++slot->attempts == ATTEMPTS;
	}
}

// Chooses up to `limit` slots that are not done; false when all are.
static bool choose_active(struct goroutine_reader *reader, size_t limit)
{
	reader->active_count = 0;
	for (size_t i = 0; i < reader->slot_count && reader->active_count < limit; i++) {
		if (!reader->slots[i].is_done)
			reader->active[reader->active_count++] = &reader->slots[i];
	}
	return reader->active_count > 0;
}

static void count(struct goroutine_counts *counts, const struct slot *slot)
{
	if (is_dead(&slot->goroutine))
		return;
	counts->user += !slot->is_system;
	counts->system += slot->is_system;
	if (!slot->is_wanted)
		return;
	counts->shown++;
	counts->sampled += slot->goroutine.is_sampled;
	counts->running += slot->goroutine.stack_state == GOROUTINE_ON_CPU;
	counts->incomplete += slot->goroutine.stack_state == GOROUTINE_INCOMPLETE;
	counts->changed += slot->goroutine.stack_state == GOROUTINE_CHANGED;
}

static void read_batch(struct goroutine_reader *reader, const uint64_t *addresses,
		       size_t n, struct goroutine_visitor *visitor)
{
	reader->slot_count = n;
	reader->frames.count = 0;
	for (size_t i = 0; i < n; i++)
		reader->slots[i] =
			(struct slot){ .goroutine = { .address = addresses[i] } };
	for (size_t limit = BATCH; choose_active(reader, limit);
	     limit = RETRIED_AT_ONCE) {
		read_first(reader);
		read_stacks(reader);
	}
	for (size_t i = 0; i < n; i++) {
		struct slot *slot = &reader->slots[i];
		struct goroutine *goroutine = &slot->goroutine;

		count(reader->counts, slot);
		if (!slot->is_wanted)
			continue;
		if (goroutine->frame_count > 0)
			goroutine->frames = reader->frames.items + slot->first_frame;
		if (slot->sample == NULL)
			goroutine->stack = memory_from_bytes(goroutine->sp,
							     reader->stacks + slot->stack,
							     slot->stack_size);
		visitor->visit(visitor, goroutine);
	}
}

// The list only grows and old copies of it stay, so length and array need not be of one
// moment: the length is published last.
bool goroutines_list(const struct go_process *process, uint64_t **out, size_t *count_out,
		     struct error *err)
{
	uint64_t length_at, array_at, length, array = 0;
	uint64_t *list;

	if (!go_process_need(process, STR("runtime.allglen"), &length_at, err) ||
	    !go_process_need(process, STR("runtime.allgptr"), &array_at, err))
		return false;
	length = go_process_read_number(process, length_at, 8);
	array = go_process_read_number(process, array_at, 8);
	if (length == 0 || length > LIST_LIMIT || array == 0)
		return error_set(err, ERROR_FORMAT,
				 "the list of goroutines cannot be read: the process has "
				 "just ended, or its memory is damaged");
	list = table_zeroed(length, sizeof(*list));
	if (!memory_read(process->memory, array, list, length * sizeof(*list))) {
		free(list);
		return error_set(err, ERROR_FORMAT,
				 "the list of %llu goroutines cannot be read",
				 (unsigned long long)length);
	}
	*out = list;
	*count_out = length;
	return true;
}

struct goroutine_reader *goroutines_open(struct go_process *process)
{
	struct goroutine_reader *reader = table_zeroed(1, sizeof(*reader));

	reader->process = process;
	reader->g_size = (size_t)process->layout->g.size;
	reader->after_size = (size_t)process->layout->g.tracking_seq + 1;
	reader->before = table_zeroed(BATCH, reader->g_size);
	reader->after = table_zeroed(BATCH, reader->g_size);
	goroutine_facts_read(process, &reader->facts);
	return reader;
}

void goroutines_close(struct goroutine_reader *reader)
{
	goroutine_facts_deinit(&reader->facts);
	records_deinit(&reader->records);
	free(reader->before);
	free(reader->after);
	free(reader->stacks);
	free(reader->frames.items);
	free(reader);
}

static bool is_late(const struct goroutine_options *options)
{
	return options->deadline_ns != 0 && clock_now_ns() > options->deadline_ns;
}

bool goroutines_look(struct goroutine_reader *reader,
		     const struct goroutine_options *options,
		     struct goroutine_visitor *visitor, struct goroutine_counts *counts,
		     struct error *err)
{
	CLEANUP_FREE uint64_t *list = NULL;
	size_t length = 0;

	if (!goroutines_list(reader->process, &list, &length, err))
		return false;
	*counts = (struct goroutine_counts){ 0 };
	reader->options = options;
	reader->counts = counts;
	goroutine_facts_refresh(&reader->facts);
	for (size_t at = 0; at < length; at += BATCH) {
		size_t n = length - at < BATCH ? length - at : BATCH;

		if (is_late(options))
			return error_set(err, ERROR_LIMIT,
					 "%zu of %zu goroutines were read when the time "
					 "for a stop was up: try a longer --stop-limit",
					 at, length);
		read_batch(reader, list + at, n, visitor);
	}
	return true;
}

bool goroutines_read(struct go_process *process, const struct goroutine_options *options,
		     struct goroutine_visitor *visitor, struct goroutine_counts *counts,
		     struct error *err)
{
	struct goroutine_reader *reader = goroutines_open(process);
	bool is_read = goroutines_look(reader, options, visitor, counts, err);

	goroutines_close(reader);
	return is_read;
}
