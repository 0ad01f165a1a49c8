// Merges stacks into one tree: sums per distinct stack first, then a walk from the root.
#include "report/flame.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/map.h"
#include "profile/profile.h"
#include "report/flame_frames.h"
#include "report/options.h"
#include "report/value.h"

struct flame_builder {
	struct flame *flame;
	struct flame_frames frames;
	struct map children; // parent and frame -> node
	size_t self_capacity, frame_capacity, inlining_capacity;

	// The locations of the stack walked last, root first, and the node below each:
	// stacks that share their outer part need not be looked up again.
	uint32_t *path_locations, *path_nodes;
	size_t path_count, location_capacity, path_capacity;
};

static uint32_t add_node(struct flame_builder *builder, uint32_t parent, uint32_t frame)
{
	struct flame *flame = builder->flame;
	size_t row = flame->node_count++, types = flame->type_count;

	flame->parents = table_reserve(flame->parents, &flame->node_capacity, row + 1,
				       sizeof(*flame->parents));
	flame->node_frames = table_reserve(flame->node_frames, &builder->frame_capacity,
					   row + 1, sizeof(*flame->node_frames));
	flame->inlining = table_reserve(flame->inlining, &builder->inlining_capacity,
					row + 1, sizeof(*flame->inlining));
	flame->self = table_reserve(flame->self, &builder->self_capacity,
				    (row + 1) * types, sizeof(*flame->self));
	flame->parents[row] = parent;
	flame->node_frames[row] = frame;
	flame->inlining[row] = 0;
	memset(flame->self + row * types, 0, types * sizeof(*flame->self));
	return (uint32_t)row;
}

static uint32_t child_of(struct flame_builder *builder, uint32_t parent, uint32_t entry)
{
	uint32_t frame = flame_frames_row(entry);
	uint32_t *node = map_put(&builder->children, (uint64_t)parent << 32 | frame);

	if (*node == MAP_NONE)
		*node = add_node(builder, parent, frame);
	builder->flame->inlining[*node] |= (uint8_t)flame_frames_inlining(entry);
	return *node;
}

static void reserve_path(struct flame_builder *builder, size_t count)
{
	builder->path_locations =
		table_reserve(builder->path_locations, &builder->location_capacity, count,
			      sizeof(*builder->path_locations));
	builder->path_nodes = table_reserve(builder->path_nodes, &builder->path_capacity,
					    count, sizeof(*builder->path_nodes));
}

// The node of a stack's leaf.
static uint32_t add_stack(struct flame_builder *builder, struct profile_stack_view stack)
{
	const struct flame_frames *frames = &builder->frames;
	size_t shared = 0;
	uint32_t node = 0;

	reserve_path(builder, stack.count);
	while (shared < builder->path_count && shared < stack.count &&
	       builder->path_locations[shared] ==
		       stack.locations[stack.count - 1 - shared])
		node = builder->path_nodes[shared++];
	for (size_t i = shared; i < stack.count; i++) {
		uint32_t location = stack.locations[stack.count - 1 - i];

		for (uint32_t k = frames->first[location];
		     k < frames->first[location + 1]; k++)
			node = child_of(builder, node, frames->list[k]);
		builder->path_locations[i] = location;
		builder->path_nodes[i] = node;
	}
	builder->path_count = stack.count;
	return node;
}

static uint64_t unnamed_in(const struct flame_builder *builder,
			   struct profile_stack_view stack)
{
	const struct flame_frames *frames = &builder->frames;
	uint64_t count = 0;

	for (size_t i = 0; i < stack.count; i++) {
		uint32_t entry = frames->list[frames->first[stack.locations[i]]];

		count += builder->flame->frames[flame_frames_row(entry)].kind ==
			 FLAME_UNNAMED;
	}
	return count;
}

static int64_t add_clamped(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

// By stack row: the summed values, and how many samples have that stack.
static int64_t *sum_stacks(const struct profile *profile, uint32_t *samples)
{
	size_t types = profile->type_count, capacity = 0;
	int64_t *sums = table_reserve(NULL, &capacity, profile->stacks.count * types + 1,
				      sizeof(*sums));

	memset(sums, 0, profile->stacks.count * types * sizeof(*sums));
	for (size_t i = 0; i < profile->sample_count; i++) {
		const int64_t *values = profile_values(profile, i);
		uint32_t stack = profile->sample_stacks[i];

		for (size_t t = 0; t < types; t++)
			sums[stack * types + t] =
				add_clamped(sums[stack * types + t], values[t]);
		samples[stack]++;
	}
	return sums;
}

static void add_stacks(struct flame_builder *builder)
{
	struct flame *flame = builder->flame;
	const struct profile *profile = flame->profile;
	size_t types = flame->type_count;
	CLEANUP_FREE uint32_t *samples =
		calloc(profile->stacks.count + 1, sizeof(*samples));

	if (samples == NULL)
		arena_out_of_memory(profile->stacks.count * sizeof(*samples));

	CLEANUP_FREE int64_t *sums = sum_stacks(profile, samples);

	for (uint32_t row = 0; row < profile->stacks.count; row++) {
		if (samples[row] == 0)
			continue;

		struct profile_stack_view stack = profile_stack(profile, row);
		uint32_t leaf = add_stack(builder, stack);

		for (size_t t = 0; t < types; t++)
			flame->self[leaf * types + t] = add_clamped(
				flame->self[leaf * types + t], sums[row * types + t]);
		flame->frames_seen += stack.count * samples[row];
		flame->unnamed_seen += unnamed_in(builder, stack) * samples[row];
	}
}

static void sum_totals(struct flame *flame)
{
	size_t types = flame->type_count, capacity = 0;

	flame->total = table_reserve(NULL, &capacity, flame->node_count * types,
				     sizeof(*flame->total));
	memcpy(flame->total, flame->self,
	       flame->node_count * types * sizeof(*flame->total));
	for (size_t node = flame->node_count; node-- > 1;) {
		int64_t *parent = flame->total + flame->parents[node] * types;

		for (size_t t = 0; t < types; t++)
			parent[t] =
				add_clamped(parent[t], flame->total[node * types + t]);
	}
}

static void link_children(struct flame *flame)
{
	size_t child_capacity = 0, sibling_capacity = 0, count = flame->node_count;

	flame->first_child =
		table_reserve(NULL, &child_capacity, count, sizeof(*flame->first_child));
	flame->next_sibling = table_reserve(NULL, &sibling_capacity, count,
					    sizeof(*flame->next_sibling));
	memset(flame->first_child, 0xff, count * sizeof(*flame->first_child));
	flame->next_sibling[0] = FLAME_NONE;
	for (uint32_t node = (uint32_t)count; node-- > 1;) {
		uint32_t *first = &flame->first_child[flame->parents[node]];

		flame->next_sibling[node] = *first;
		*first = node;
	}
}

bool flame_init(struct flame *flame, const struct profile *profile,
		const struct report_options *options, struct error *err)
{
	struct flame_builder builder = { .flame = flame };
	size_t type;

	if (!value_column(profile, options->sample_index, &type, err))
		return false;
	*flame = (struct flame){ .profile = profile,
				 .type_count = profile->type_count,
				 .type = type };
	flame_frames_init(&builder.frames, flame, options);
	add_node(&builder, 0, FLAME_NONE);
	add_stacks(&builder);
	sum_totals(flame);
	flame_frames_deinit(&builder.frames);
	map_deinit(&builder.children);
	free(builder.path_locations);
	free(builder.path_nodes);
	link_children(flame);
	return true;
}

void flame_deinit(struct flame *flame)
{
	free(flame->frames);
	free(flame->parents);
	free(flame->node_frames);
	free(flame->inlining);
	free(flame->self);
	free(flame->total);
	free(flame->first_child);
	free(flame->next_sibling);
	arena_deinit(&flame->arena);
}

uint32_t flame_skip(const struct flame *flame, uint32_t node)
{
	while (node != 0 && flame->next_sibling[node] == FLAME_NONE)
		node = flame->parents[node];
	return node == 0 ? FLAME_NONE : flame->next_sibling[node];
}

void flame_sums(const struct flame *flame, int64_t *flat, int64_t *cum)
{
	size_t types = flame->type_count;
	CLEANUP_FREE uint32_t *above = calloc(flame->frame_count + 1, sizeof(*above));
	uint32_t node = flame->first_child[0];

	if (above == NULL)
		arena_out_of_memory(flame->frame_count * sizeof(*above));
	memset(flat, 0, flame->frame_count * types * sizeof(*flat));
	memset(cum, 0, flame->frame_count * types * sizeof(*cum));
	while (node != FLAME_NONE) {
		uint32_t frame = flame->node_frames[node], next;

		for (size_t t = 0; t < types; t++) {
			size_t at = frame * types + t, from = node * types + t;

			flat[at] = add_clamped(flat[at], flame->self[from]);
			if (above[frame] == 0)
				cum[at] = add_clamped(cum[at], flame->total[from]);
		}
		above[frame]++;
		next = flame_next(flame, node);
		// Leaving this node and the ancestors that end with it.
		for (uint32_t parent = next == FLAME_NONE ? 0 : flame->parents[next];
		     node != parent; node = flame->parents[node])
			above[flame->node_frames[node]]--;
		node = next;
	}
}
