// The heavy part of the dominator tree: what keeps most, and what within it does.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct dominators;
struct dominators_children;
struct heap;
struct json;
struct writer;

struct outline_row {
	uint32_t node;
	unsigned depth;           // 0: held by several roots, or a root
	uint64_t bytes, retained; // its own size, and with all it dominates
	size_t children;          // in the tree
	size_t hidden;            // of those, how many are too small or too deep to show
	uint64_t hidden_retained;
};

struct outline_options {
	size_t most_rows; // 0: no limit
	unsigned depth;   // levels below the first
};

// In the order of the tree, siblings by falling retained size. What is below 1/200 of the
// whole is hidden. Rows are a block that it owns.
struct outline {
	struct outline_row *rows;
	size_t count, capacity;
};

void outline_init(struct outline *outline, struct heap *heap,
		  const struct dominators *dominators,
		  const struct outline_options *options);
void outline_deinit(struct outline *outline);

// The children of a node, largest first; a block that the caller frees.
uint32_t *outline_children(const struct dominators *dominators,
			   const struct dominators_children *children, uint32_t node,
			   size_t *count);

void outline_text(const struct outline *outline, const struct heap *heap,
		  struct writer *w);
void outline_json(const struct outline *outline, const struct heap *heap,
		  struct json *json);
