// The labels of the samples of each node, for the small boxes of pictures.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"
#include "report/graph.h"
#include "report/number.h"

// More boxes than these a node never gets (of strings; of numbers for each of those).
#define NODE_TAGS_BOXES 4

// One label value at one node. A string tag has all string labels of a sample joined; a
// number belongs to the string tag of its sample.
struct node_tag {
	uint32_t node;
	uint32_t label; // id of the joined string labels, 0: none
	uint32_t text;  // id of the number in words, 0: the tag is the string itself
	int64_t number;
	struct str unit;
	int64_t flat, cum, flat_divisor, cum_divisor;
};

struct node_tags {
	struct interner strings;
	struct node_tag *tags; // sorted by node after node_tags_init
	uint32_t *first;       // by node, node_count + 1 of them
	size_t count, capacity;
	struct arena arena;
};

struct node_tags_options {
	size_t value_index;
	bool has_means;
	struct str output_unit;
	struct str bytes_unit; // of the numeric label "bytes", the only one shown
	size_t node_count;     // how many nodes of the graph's order may be shown
};

// Collects the tags of the first nodes of the graph's order: all that are heavy, and some
// that are not. For graphs whose light nodes have been left out already.
void node_tags_init(struct node_tags *tags, const struct graph *graph,
		    const struct node_tags_options *options);
void node_tags_deinit(struct node_tags *tags);

struct node_tag_list {
	const struct node_tag *tags;
	size_t count;
};

static inline struct node_tag_list node_tags_of(const struct node_tags *tags,
						uint32_t node)
{
	size_t count = tags->first[node + 1] - tags->first[node];

	// A profile without labels has no table of tags.
	return (struct node_tag_list){ count == 0 ? NULL : tags->tags + tags->first[node],
				       count };
}

// Whether trimming leaves the tag.
static inline bool node_tag_is_heavy(const struct node_tag *tag, int64_t cutoff)
{
	return number_abs(tag->flat) >= cutoff || number_abs(tag->cum) >= cutoff;
}

// How many boxes the node's heavy tags are counted as; tags may be NULL.
size_t node_tags_count_boxes(const struct node_tags *tags, uint32_t node, int64_t cutoff);
