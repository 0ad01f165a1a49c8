// Orders the children of each node.
#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "report/flame.h"

struct sort_key {
	uint64_t weight;
	uint32_t name; // rank of the frame's name; siblings have different ones
	uint32_t node;
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

static int compare_keys(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

// By frame: its place in the order of names.
static uint32_t *rank_names(const struct flame *flame)
{
	size_t capacity = 0, key_capacity = 0, count = flame->frame_count;
	uint32_t *ranks = table_reserve(NULL, &capacity, count + 1, sizeof(*ranks));
	CLEANUP_FREE struct name_key *keys =
		table_reserve(NULL, &key_capacity, count + 1, sizeof(*keys));

	for (uint32_t i = 0; i < count; i++)
		keys[i] = (struct name_key){ flame->frames[i].name, i };
	qsort(keys, count, sizeof(*keys), compare_names);
	for (uint32_t i = 0; i < count; i++)
		ranks[keys[i].frame] = i;
	return ranks;
}

struct sort_room {
	struct sort_key *keys;
	size_t capacity;
};

static void sort_children(struct flame *flame, uint32_t parent, enum flame_order order,
			  const uint32_t *ranks, struct sort_room *room)
{
	uint32_t *next = flame->next_sibling;
	size_t count = 0;

	for (uint32_t i = flame->first_child[parent]; i != FLAME_NONE; i = next[i]) {
		room->keys = table_reserve(room->keys, &room->capacity, count + 1,
					   sizeof(*room->keys));
		room->keys[count++] = (struct sort_key){
			.weight = order == FLAME_BY_VALUE
					  ? flame_weight(flame, i, flame->type)
					  : 0,
			.name = ranks[flame->node_frames[i]],
			.node = i,
		};
	}
	qsort(room->keys, count, sizeof(*room->keys), compare_keys);
	flame->first_child[parent] = room->keys[0].node;
	for (size_t i = 0; i < count; i++)
		next[room->keys[i].node] =
			i + 1 < count ? room->keys[i + 1].node : FLAME_NONE;
}

void flame_sort(struct flame *flame, enum flame_order order)
{
	CLEANUP_FREE uint32_t *ranks = rank_names(flame);
	struct sort_room room = { 0 };

	// Most nodes have one child, so this is far cheaper than sorting all nodes.
	for (uint32_t i = 0; i < flame->node_count; i++) {
		uint32_t child = flame->first_child[i];

		if (child != FLAME_NONE && flame->next_sibling[child] != FLAME_NONE)
			sort_children(flame, i, order, ranks, &room);
	}
	free(room.keys);
}
