// The call tree of a profile, merged from the root: what flame graphs, folded stacks and
// speedscope files draw.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct error;
struct profile;
struct report_options;

// "No such node".
#define FLAME_NONE UINT32_MAX

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

// Node 0 is the root, which has no frame; parents stand before their children. Tables by
// node are blocks that the flame owns; texts are in its arena or borrowed from the
// profile. Value tables have type_count values a row.
struct flame {
	const struct profile *profile;
	size_t type_count, type; // `type` is the column that was asked for

	struct flame_frame *frames;
	size_t frame_count, frame_capacity;

	uint32_t *parents, *node_frames;
	uint8_t *inlining; // enum flame_inlining
	int64_t *self;     // of the node alone
	int64_t *total;    // with everything below
	size_t node_count, node_capacity;

	// The children of a node, as first seen, or in the order of the last flame_sort.
	uint32_t *first_child, *next_sibling;

	uint64_t frames_seen, unnamed_seen; // over all samples
	struct arena arena;
};

// Takes sample_index, granularity and no_inlines from the options; filters must have been
// applied to the profile before. The profile must outlive the flame.
bool flame_init(struct flame *flame, const struct profile *profile,
		const struct report_options *options, struct error *err)
	__attribute__((warn_unused_result));
void flame_deinit(struct flame *flame);

enum flame_order { FLAME_BY_NAME, FLAME_BY_VALUE };

// Orders siblings by name, or by falling size of the asked column; equal sizes by name.
void flame_sort(struct flame *flame, enum flame_order order);

// What a node weighs in a picture: the absolute value of its total.
static inline uint64_t flame_weight(const struct flame *flame, uint32_t node, size_t type)
{
	int64_t total = flame->total[(size_t)node * flame->type_count + type];

	return total < 0 ? -(uint64_t)total : (uint64_t)total;
}

static inline const int64_t *flame_self(const struct flame *flame, uint32_t node)
{
	return flame->self + (size_t)node * flame->type_count;
}

static inline const struct flame_frame *flame_frame_of(const struct flame *flame,
						       uint32_t node)
{
	return &flame->frames[flame->node_frames[node]];
}

// The node behind `node` and everything below it, in preorder; FLAME_NONE at the end.
uint32_t flame_skip(const struct flame *flame, uint32_t node);

// The next node in preorder.
static inline uint32_t flame_next(const struct flame *flame, uint32_t node)
{
	if (flame->first_child[node] != FLAME_NONE)
		return flame->first_child[node];
	return flame_skip(flame, node);
}

// What each frame has alone and with its callees, a frame that calls itself counted once:
// frame_count * type_count values each.
void flame_sums(const struct flame *flame, int64_t *flat, int64_t *cum);
