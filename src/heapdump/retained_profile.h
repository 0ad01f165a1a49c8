// A heap as a profile: stacks are ways down the dominator tree, so that cumulative values
// are retained sizes and every report shows a heap, the flame graph too.
#pragma once

struct dominators;
struct heap;
struct profile;

// Frames are roots, then types; objects of one type in a row (a list, a tree) are one
// frame. Sample types: objects (count) and bytes. Unreachable objects are left out.
// Classifies the heap if need be; the profile is the caller's and must not outlive the
// heap, whose names it borrows.
struct profile *retained_profile_create(struct heap *heap,
					const struct dominators *dominators);
