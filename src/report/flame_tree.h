// Splits stacks into a tree, level by level below each node.
#pragma once

struct flame;
struct flame_shape;
struct flame_stacks;

// Fills the nodes of a flame. No node is looked up by hash: the stacks below a node lie
// together and are split by their next frame, and stacks below a heap are left alone.
void flame_tree_build(struct flame *flame, const struct flame_stacks *stacks,
		      const struct flame_shape *shape);
