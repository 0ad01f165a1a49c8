// Sorts by two frames at a time, and goes on only among stacks that are alike so far:
// most part from all others long before their leaf.
#include "report/stack_order.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"

struct entry {
	uint64_t key; // ranks of the next two frames, + 1 each; 0 behind the leaf
	uint32_t stack;
	uint32_t left; // locations that the keys so far have not used up
	uint32_t line; // of the location that comes next
};

// Entries that are alike up to their keys.
struct run {
	size_t from, to;
};

struct sorter {
	const struct flame_stacks *stacks;
	uint32_t *ranks; // by frame: its place in the order of names
	struct entry *entries;
	size_t count;
	struct run *waiting;
	size_t waiting_count, waiting_capacity;
	struct stack_order *order;
	size_t row_capacity;
};

struct name_key {
	struct str name;
	uint32_t frame;
};

static int compare_names(const void *a, const void *b)
{
	return str_compare(((const struct name_key *)a)->name,
			   ((const struct name_key *)b)->name);
}

static uint32_t *rank_names(const struct flame *flame)
{
	size_t count = flame->frame_count;
	CLEANUP_FREE struct name_key *keys = table_zeroed(count + 1, sizeof(*keys));
	uint32_t *ranks = table_zeroed(count + 1, sizeof(*ranks));

	for (uint32_t i = 0; i < count; i++)
		keys[i] = (struct name_key){ flame->frames[i].name, i };
	qsort(keys, count, sizeof(*keys), compare_names);
	for (uint32_t i = 0; i < count; i++)
		ranks[keys[i].frame] = i;
	return ranks;
}

static uint64_t next_rank(const struct sorter *sorter, struct entry *entry)
{
	const struct profile_stacks *stacks = &sorter->stacks->profile->stacks;
	const struct flame_frames *frames = &sorter->stacks->frames;
	uint32_t location, at;

	if (entry->left == 0)
		return 0;
	location = stacks->locations[stacks->offsets[entry->stack] + entry->left - 1];
	at = frames->first[location] + entry->line;
	entry->line++;
	if (at + 1 == frames->first[location + 1]) {
		entry->line = 0;
		entry->left--;
	}
	return (uint64_t)sorter->ranks[flame_frames_row(frames->list[at])] + 1;
}

static void load_keys(const struct sorter *sorter, struct run run)
{
	for (size_t i = run.from; i < run.to; i++) {
		struct entry *entry = &sorter->entries[i];
		uint64_t first = next_rank(sorter, entry);

		entry->key = first << 32 | next_rank(sorter, entry);
	}
}

static int compare_entries(const void *a, const void *b)
{
	uint64_t x = ((const struct entry *)a)->key, y = ((const struct entry *)b)->key;

	return x < y ? -1 : x > y;
}

static void add_row(struct sorter *sorter, struct run run)
{
	struct stack_order *order = sorter->order;
	struct stack_order_row row = { .stack = sorter->entries[run.from].stack };

	for (size_t i = run.from; i < run.to; i++)
		row.value = flame_stacks_add(
			row.value,
			flame_stacks_sums(sorter->stacks, sorter->entries[i].stack)[0]);
	order->rows = table_reserve(order->rows, &sorter->row_capacity, order->count + 1,
				    sizeof(*order->rows));
	order->rows[order->count++] = row;
}

static void push(struct sorter *sorter, struct run run)
{
	sorter->waiting =
		table_reserve(sorter->waiting, &sorter->waiting_capacity,
			      sorter->waiting_count + 1, sizeof(*sorter->waiting));
	sorter->waiting[sorter->waiting_count++] = run;
}

static size_t run_start(const struct sorter *sorter, struct run run)
{
	size_t from = run.to - 1;

	while (from > run.from &&
	       sorter->entries[from - 1].key == sorter->entries[run.to - 1].key)
		from--;
	return from;
}

// The last one pushed is taken first, so the last run goes first.
static void sort_run(struct sorter *sorter, struct run run)
{
	if (run.to - run.from == 1 || (uint32_t)sorter->entries[run.from].key == 0) {
		add_row(sorter, run);
		return;
	}
	load_keys(sorter, run);
	qsort(sorter->entries + run.from, run.to - run.from, sizeof(*sorter->entries),
	      compare_entries);
	while (run.to > run.from) {
		size_t from = run_start(sorter, run);

		push(sorter, (struct run){ from, run.to });
		run.to = from;
	}
}

static void list_entries(struct sorter *sorter)
{
	const struct profile_stacks *stacks = &sorter->stacks->profile->stacks;

	sorter->entries = table_zeroed(stacks->count + 1, sizeof(*sorter->entries));
	for (uint32_t i = 0; i < stacks->count; i++) {
		uint32_t length = (uint32_t)(stacks->offsets[i + 1] - stacks->offsets[i]);

		if (sorter->stacks->samples[i] == 0 || length == 0)
			continue;
		sorter->entries[sorter->count++] = (struct entry){
			.key = UINT32_MAX, // nothing ended yet
			.stack = i,
			.left = length,
		};
	}
}

void stack_order_init(struct stack_order *order, const struct flame *flame,
		      const struct flame_stacks *stacks)
{
	struct sorter sorter = { .stacks = stacks,
				 .ranks = rank_names(flame),
				 .order = order };

	*order = (struct stack_order){ 0 };
	list_entries(&sorter);
	if (sorter.count > 0)
		push(&sorter, (struct run){ 0, sorter.count });
	while (sorter.waiting_count > 0)
		sort_run(&sorter, sorter.waiting[--sorter.waiting_count]);
	free(sorter.ranks);
	free(sorter.entries);
	free(sorter.waiting);
}

void stack_order_deinit(struct stack_order *order)
{
	free(order->rows);
	*order = (struct stack_order){ 0 };
}
