// The call tree of a profile, merged from the root: what flame graphs, folded stacks and
// speedscope files draw.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct error;
struct flame_stacks;
struct profile;
struct report_options;

// In place of a frame: of the root, and of a heap of nodes too small to tell apart.
#define FLAME_ROOT UINT32_MAX
#define FLAME_HEAP (UINT32_MAX - 1)

enum flame_kind {
	FLAME_USER,
	FLAME_KERNEL,
	FLAME_UNNAMED, // an address whose function is not known
};

// What the granularity tells apart; functions of equal name are one frame.
struct flame_frame {
	struct str name;               // "[libfoo.so]" for an unnamed one
	struct str file, module;       // source file, mapped file; of the first seen
	int64_t first_line, last_line; // lines seen; 0: none known
	enum flame_kind kind;
};

// Whether a node's frame was compiled into its caller.
enum flame_inlining { FLAME_CALLED = 1, FLAME_INLINED = 2, FLAME_PARTLY_INLINED = 3 };

struct flame_node {
	uint32_t parent;
	uint32_t frame;   // a row of frames, FLAME_ROOT or FLAME_HEAP
	uint32_t heaped;  // how many children of the parent a heap stands for, else 0
	uint8_t inlining; // enum flame_inlining
};

// Nodes stand in preorder, node 0 is the root. Tables are blocks that the flame owns;
// texts are in its arena or borrowed from the profile. Value tables have type_count
// values a row.
struct flame {
	const struct profile *profile;
	size_t type_count; // columns: all of the profile's, or one; see has_base
	size_t type;       // the column that was asked for
	bool has_base;     // a difference: as many columns again hold the base's values

	struct flame_frame *frames;
	size_t frame_count, frame_capacity;

	struct flame_node *nodes;
	int64_t *self; // by node: without what is below it
	size_t node_count, node_capacity, self_capacity;

	uint64_t share; // nodes below 1/share of the total are heaped; 0: none are
	int64_t *
		times; // by column: that many times the first one, 0: a column of its own
	uint64_t *weights;   // by column: the sum of absolute values
	int64_t *flat, *cum; // by frame, heaped nodes included; a frame that calls itself
			     // counts once. NULL unless asked for

	uint64_t frames_seen, unnamed_seen; // over all samples; with flat and cum
	struct flame_stacks *stacks;        // NULL unless asked for
	struct arena arena;
};

enum flame_order { FLAME_BY_NAME, FLAME_BY_VALUE };

// Zero is a whole tree of the asked column, siblings in the order of their names.
struct flame_shape {
	enum flame_order order; // by falling size of the asked column; equal ones by name
	bool has_all_types;
	bool has_sums;     // flat and cum
	bool keeps_stacks; // what the tree was made of
	uint64_t share; // heap what is smaller than 1/share of the total in every column
	size_t most_nodes; // lower the share until there are not more; 0: no limit
};

// Takes sample_index, granularity and no_inlines from the options; filters must have been
// applied to the profile before. The profile must outlive the flame.
bool flame_init(struct flame *flame, const struct profile *profile,
		const struct report_options *options, const struct flame_shape *shape,
		struct error *err) __attribute__((warn_unused_result));
void flame_deinit(struct flame *flame);

static inline const int64_t *flame_self(const struct flame *flame, uint32_t node)
{
	return flame->self + (size_t)node * flame->type_count;
}

static inline const struct flame_frame *flame_frame_of(const struct flame *flame,
						       uint32_t node)
{
	return &flame->frames[flame->nodes[node].frame];
}
