// Folds ways into a trie while going down the tree; each of its nodes is a sample.
#include "heapdump/retained_profile.h"

#include <stdlib.h>

#include "heapdump/dominators.h"
#include "heapdump/heap.h"
#include "heapdump/naming.h"
#include "profile/builder.h"

enum { STACK_MAX = 512 };

// A way from the origin: the way above it and one more frame.
struct way {
	uint32_t above, label; // ways, labels
	int64_t count, bytes;
};

struct fold_ways {
	struct heap *heap;
	const struct dominators *dominators;
	struct interner labels;
	uint32_t *type_labels; // by type
	uint32_t *ways_of;     // by node
	struct map rows;       // above and label -> way
	struct way *ways;
	size_t count, capacity;
};

static uint32_t label_of(struct fold_ways *fold, uint32_t node)
{
	struct heap *heap = fold->heap;

	if (node < heap->objects.count)
		return fold->type_labels[heap->types_of[node]];
	return interner_add(&fold->labels, NULL,
			    heap->roots[node - heap->objects.count].name);
}

static uint32_t add_way(struct fold_ways *fold, uint32_t above, uint32_t label)
{
	uint32_t *row = map_put(&fold->rows, (uint64_t)above << 32 | label);

	if (*row != MAP_NONE)
		return *row;
	*row = (uint32_t)fold->count;
	fold->ways = table_reserve(fold->ways, &fold->capacity, fold->count + 1,
				   sizeof(*fold->ways));
	fold->ways[fold->count] = (struct way){ above, label, 0, 0 };
	return (uint32_t)fold->count++;
}

static void enter(struct fold_ways *fold, uint32_t node)
{
	uint32_t parent = fold->dominators->parents[node];
	uint32_t above = fold->ways_of[parent], label = label_of(fold, node), way = above;
	struct heap_object object;

	if (above == 0 || fold->ways[above].label != label)
		way = add_way(fold, above, label);
	fold->ways_of[node] = way;
	if (node >= fold->heap->objects.count)
		return;
	heap_object_at(fold->heap, node, &object);
	fold->ways[way].count++;
	fold->ways[way].bytes += (int64_t)object.size;
}

static void go_down(struct fold_ways *fold)
{
	const struct dominators *dominators = fold->dominators;
	struct dominators_children children;
	uint32_t node = dominators->origin;

	dominators_children_init(&children, dominators);
	while (node != HEAP_NONE) {
		uint32_t child = children.first[node];

		if (child == HEAP_NONE) {
			node = dominators->parents[node];
			continue;
		}
		children.first[node] = children.next[child];
		enter(fold, child);
		node = child;
	}
	dominators_children_deinit(&children);
}

static uint32_t *make_locations(const struct fold_ways *fold,
				struct profile_builder *builder)
{
	struct profile *profile = builder->profile;
	uint32_t *locations = table_zeroed(fold->labels.count + 1, sizeof(*locations));

	for (size_t i = 0; i < fold->labels.count; i++) {
		uint32_t name = profile_intern(profile, fold->labels.strings[i]);
		struct profile_line line = {
			.function = profile_builder_add_function(
				builder, (struct profile_function){ .name = name,
								    .system_name = name })
		};

		locations[i] = profile_builder_add_location(builder, PROFILE_NONE, 0);
		profile_builder_set_lines(builder, locations[i], &line, 1);
	}
	return locations;
}

static void add_samples(const struct fold_ways *fold, struct profile_builder *builder)
{
	uint32_t *locations = make_locations(fold, builder);
	uint32_t labels = profile_builder_labels(builder, NULL, 0);

	for (size_t i = 1; i < fold->count; i++) {
		uint32_t stack[STACK_MAX];
		int64_t values[2] = { fold->ways[i].count, fold->ways[i].bytes };
		size_t depth = 0;

		if (values[0] == 0)
			continue;
		for (uint32_t at = (uint32_t)i; at != 0 && depth < STACK_MAX;
		     at = fold->ways[at].above)
			stack[depth++] = locations[fold->ways[at].label];
		profile_builder_add(builder, profile_builder_stack(builder, stack, depth),
				    labels, values);
	}
	free(locations);
}

static struct profile *make_profile(const struct fold_ways *fold)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("objects"), STR("count"));
	profile_builder_add_type(&builder, STR("bytes"), STR("bytes"));
	profile->default_type = profile_intern(profile, STR("bytes"));
	profile->time_ns = (int64_t)fold->heap->time_ns;
	add_samples(fold, &builder);
	profile_builder_deinit(&builder);
	return profile;
}

struct profile *retained_profile_create(struct heap *heap,
					const struct dominators *dominators)
{
	struct fold_ways fold = { .heap = heap, .dominators = dominators };
	size_t nodes = (size_t)dominators->origin + 1;
	struct profile *profile;

	heap_classify(heap);
	fold.ways_of = table_zeroed(nodes, sizeof(*fold.ways_of));
	fold.type_labels = table_zeroed(heap->type_count + 1, sizeof(*fold.type_labels));
	for (size_t i = 0; i < heap->type_count; i++)
		fold.type_labels[i] =
			interner_add(&fold.labels, NULL, heap->types[i].name);
	// Way 0 is the origin.
	add_way(&fold, 0, UINT32_MAX);
	go_down(&fold);
	profile = make_profile(&fold);
	free(fold.ways_of);
	free(fold.type_labels);
	free(fold.ways);
	map_deinit(&fold.rows);
	interner_deinit(&fold.labels);
	return profile;
}
