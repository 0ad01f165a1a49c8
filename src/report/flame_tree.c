// A radix sort of stacks by their frames, root first, that leaves nodes where it splits.
#include "report/flame_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "report/flame.h"
#include "report/flame_stacks.h"

// Stacks [from, end) of the order, which are alike down to the node to be made.
struct segment {
	size_t from, end;
	struct flame_node node;
};

// The stacks of one segment that go on with the same frame.
struct group {
	uint64_t weight; // in the asked column
	size_t count, from;
	uint32_t frame, rank; // rank of its name
	uint8_t inlining;
	bool is_large; // enough for a node of its own
};

struct splitter {
	struct flame *flame;
	const struct flame_stacks *stacks;
	const struct flame_shape *shape;
	uint32_t *ranks;    // by frame: its place in the order of names
	uint32_t *group_of; // by frame: its group in the current segment, or NONE
	struct flame_cursor *order, *moved;

	struct segment *waiting;
	size_t waiting_count, waiting_capacity;
	struct group *groups;
	uint64_t *group_weights; // by group and column
	size_t group_count, group_capacity, weight_capacity;
};

#define NO_GROUP UINT32_MAX

struct name_key {
	struct str name;
	uint32_t frame;
};

static int compare_names(const void *a, const void *b)
{
	return str_compare(((const struct name_key *)a)->name,
			   ((const struct name_key *)b)->name);
}

static void rank_names(struct splitter *splitter)
{
	const struct flame *flame = splitter->flame;
	size_t count = flame->frame_count, capacity = 0;
	struct name_key *keys = table_reserve(NULL, &capacity, count + 1, sizeof(*keys));

	for (uint32_t i = 0; i < count; i++)
		keys[i] = (struct name_key){ flame->frames[i].name, i };
	qsort(keys, count, sizeof(*keys), compare_names);
	for (uint32_t i = 0; i < count; i++)
		splitter->ranks[keys[i].frame] = i;
	free(keys);
}

static void add_segment(struct splitter *splitter, struct segment segment)
{
	splitter->waiting =
		table_reserve(splitter->waiting, &splitter->waiting_capacity,
			      splitter->waiting_count + 1, sizeof(*splitter->waiting));
	splitter->waiting[splitter->waiting_count++] = segment;
}

static uint32_t add_node(struct flame *flame, const struct flame_node *node)
{
	size_t row = flame->node_count++, types = flame->type_count;

	flame->nodes = table_reserve(flame->nodes, &flame->node_capacity, row + 1,
				     sizeof(*flame->nodes));
	flame->self = table_reserve(flame->self, &flame->self_capacity, (row + 1) * types,
				    sizeof(*flame->self));
	flame->nodes[row] = *node;
	memset(flame->self + row * types, 0, types * sizeof(*flame->self));
	return (uint32_t)row;
}

static void add_self(struct splitter *splitter, uint32_t node, uint32_t stack)
{
	const int64_t *sums = flame_stacks_sums(splitter->stacks, stack);
	size_t types = splitter->flame->type_count;
	int64_t *self = splitter->flame->self + node * types;

	splitter->stacks->nodes[stack] = node;
	for (size_t t = 0; t < types; t++)
		self[t] = flame_stacks_add(self[t], sums[t]);
}

// Stacks that end at the node are its own value; the others move together.
static void take_self(struct splitter *splitter, struct segment *segment, uint32_t node)
{
	size_t kept = segment->from;

	for (size_t i = segment->from; i < segment->end; i++) {
		struct flame_cursor *cursor = &splitter->order[i];

		if (cursor->left == 0 || segment->node.frame == FLAME_HEAP)
			add_self(splitter, node, cursor->stack);
		else
			splitter->order[kept++] = *cursor;
	}
	segment->end = kept;
}

static struct group *group_of(struct splitter *splitter, uint32_t frame)
{
	size_t types = splitter->flame->type_count;
	uint32_t *row = &splitter->group_of[frame];

	if (*row == NO_GROUP) {
		*row = (uint32_t)splitter->group_count++;
		splitter->groups =
			table_reserve(splitter->groups, &splitter->group_capacity,
				      splitter->group_count, sizeof(*splitter->groups));
		splitter->group_weights =
			table_reserve(splitter->group_weights, &splitter->weight_capacity,
				      splitter->group_count * types,
				      sizeof(*splitter->group_weights));
		splitter->groups[*row] = (struct group){
			.frame = frame,
			.rank = splitter->ranks[frame],
		};
		memset(splitter->group_weights + *row * types, 0,
		       types * sizeof(*splitter->group_weights));
	}
	return &splitter->groups[*row];
}

static void collect_groups(struct splitter *splitter, const struct segment *segment)
{
	size_t types = splitter->flame->type_count;

	splitter->group_count = 0;
	for (size_t i = segment->from; i < segment->end; i++) {
		const struct flame_cursor *cursor = &splitter->order[i];
		const int64_t *sums = flame_stacks_sums(splitter->stacks, cursor->stack);
		struct group *group = group_of(splitter, flame_frames_row(cursor->entry));
		uint64_t *weights = splitter->group_weights +
				    (size_t)(group - splitter->groups) * types;

		group->count++;
		group->inlining |= (uint8_t)flame_frames_inlining(cursor->entry);
		for (size_t t = 0; t < types; t++)
			weights[t] = flame_stacks_weigh(weights[t], sums[t]);
	}
}

static bool is_large(const struct splitter *splitter, const uint64_t *weights)
{
	const struct flame *flame = splitter->flame;

	if (flame->share == 0)
		return true;
	for (size_t t = 0; t < flame->type_count; t++) {
		if (weights[t] > 0 && weights[t] >= flame->weights[t] / flame->share)
			return true;
	}
	return false;
}

static void weigh_groups(struct splitter *splitter)
{
	const struct flame *flame = splitter->flame;

	for (size_t i = 0; i < splitter->group_count; i++) {
		const uint64_t *weights = splitter->group_weights + i * flame->type_count;
		struct group *group = &splitter->groups[i];

		group->is_large = is_large(splitter, weights);
		if (splitter->shape->order == FLAME_BY_VALUE)
			group->weight = weights[flame->type];
	}
}

// Large ones first, so that the stacks of a heap lie together.
static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->is_large != y->is_large)
		return x->is_large ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

// Moves the stacks of each group together, in the order of the groups.
static void move_stacks(struct splitter *splitter, const struct segment *segment)
{
	size_t from = segment->from;

	for (uint32_t i = 0; i < splitter->group_count; i++) {
		struct group *group = &splitter->groups[i];

		splitter->group_of[group->frame] = i;
		group->from = from;
		from += group->count;
		group->count = 0;
	}
	if (splitter->group_count == 1) {
		splitter->groups[0].count = segment->end - segment->from;
		return;
	}
	memcpy(splitter->moved + segment->from, splitter->order + segment->from,
	       (segment->end - segment->from) * sizeof(*splitter->order));
	for (size_t i = segment->from; i < segment->end; i++) {
		const struct flame_cursor *cursor = &splitter->moved[i];
		struct group *group =
			&splitter->groups[splitter->group_of[flame_frames_row(
				cursor->entry)]];

		splitter->order[group->from + group->count++] = *cursor;
	}
}

// The last one pushed is taken first, and nodes are wanted in preorder.
static void push_groups(struct splitter *splitter, uint32_t node, size_t end)
{
	struct segment heap = { .from = end,
				.end = end,
				.node = { .parent = node, .frame = FLAME_HEAP } };
	size_t i = splitter->group_count;

	for (; i > 0 && !splitter->groups[i - 1].is_large; i--) {
		heap.from = splitter->groups[i - 1].from;
		heap.node.heaped++;
	}
	if (heap.node.heaped > 0)
		add_segment(splitter, heap);
	for (; i > 0; i--) {
		const struct group *group = &splitter->groups[i - 1];

		add_segment(splitter, (struct segment){
					      .from = group->from,
					      .end = group->from + group->count,
					      .node = { .parent = node,
							.frame = group->frame,
							.inlining = group->inlining },
				      });
	}
}

static void split(struct splitter *splitter, struct segment *segment, uint32_t node)
{
	collect_groups(splitter, segment);
	weigh_groups(splitter);
	if (splitter->group_count > 1)
		qsort(splitter->groups, splitter->group_count, sizeof(*splitter->groups),
		      compare_groups);
	move_stacks(splitter, segment);
	for (size_t i = 0; i < splitter->group_count; i++)
		splitter->group_of[splitter->groups[i].frame] = NO_GROUP;
	for (size_t i = segment->from; i < segment->end; i++)
		flame_stacks_advance(splitter->stacks, &splitter->order[i]);
	push_groups(splitter, node, segment->end);
}

static size_t start(struct splitter *splitter)
{
	const struct flame_stacks *stacks = splitter->stacks;
	size_t count = 0;

	for (uint32_t i = 0; i < stacks->profile->stacks.count; i++) {
		if (stacks->samples[i] > 0)
			splitter->order[count++] = flame_stacks_root(stacks, i);
	}
	return count;
}

static void build_once(struct splitter *splitter)
{
	struct flame *flame = splitter->flame;

	flame->node_count = 0;
	add_segment(splitter, (struct segment){ .end = start(splitter),
						.node = { .frame = FLAME_ROOT } });
	while (splitter->waiting_count > 0) {
		struct segment segment = splitter->waiting[--splitter->waiting_count];
		uint32_t node = add_node(flame, &segment.node);

		take_self(splitter, &segment, node);
		if (segment.from < segment.end)
			split(splitter, &segment, node);
	}
}

void flame_tree_build(struct flame *flame, const struct flame_stacks *stacks,
		      const struct flame_shape *shape)
{
	struct splitter splitter = { .flame = flame, .stacks = stacks, .shape = shape };
	size_t count = stacks->profile->stacks.count + 1, frames = flame->frame_count + 1;
	size_t a = 0, b = 0, c = 0, d = 0;

	splitter.order = table_reserve(NULL, &a, count, sizeof(*splitter.order));
	splitter.moved = table_reserve(NULL, &b, count, sizeof(*splitter.moved));
	splitter.ranks = table_reserve(NULL, &c, frames, sizeof(*splitter.ranks));
	splitter.group_of = table_reserve(NULL, &d, frames, sizeof(*splitter.group_of));
	memset(splitter.group_of, 0xff, frames * sizeof(*splitter.group_of));
	rank_names(&splitter);
	flame->share = shape->share;
	build_once(&splitter);
	while (shape->most_nodes > 0 && flame->node_count > shape->most_nodes &&
	       flame->share > 100) {
		flame->share -= flame->share / 4;
		build_once(&splitter);
	}
	free(splitter.order);
	free(splitter.moved);
	free(splitter.ranks);
	free(splitter.group_of);
	free(splitter.waiting);
	free(splitter.groups);
	free(splitter.group_weights);
}
