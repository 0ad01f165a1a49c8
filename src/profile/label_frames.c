// The frames of each label list are made once; then every pair of stack and list that
// samples have becomes one new stack.
#include "profile/label_frames.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "profile/tables.h"
#include "profile/unit.h"

// One option's keys in the order of frames from the leaf, and for each label list (by
// row) its frame for each key.
struct side {
	uint32_t *keys;
	size_t count;
	uint32_t *frames; // rows of locations
	bool has_matched;
};

struct labeller {
	struct profile *profile;
	struct profile_builder builder;
	struct map locations; // name and key -> row
	struct str unit;
	struct arena arena;
	uint32_t *stack; // the one being made
	size_t stack_capacity;
};

static void side_init(struct side *side, struct labeller *labeller, struct str keys)
{
	size_t list_count = labeller->profile->label_sets.count, most = 0;
	struct str rest = keys, key;

	while (str_cut(&rest, ',', &key))
		most += key.n > 0;
	side->keys = arena_array(&labeller->arena, most, sizeof(*side->keys));
	side->frames =
		arena_array(&labeller->arena, most * list_count, sizeof(*side->frames));
	side->count = most;
	rest = keys;
	// The first key is the one next to the root.
	while (str_cut(&rest, ',', &key)) {
		if (key.n > 0)
			side->keys[--most] = profile_intern(labeller->profile, key);
	}
}

static void write_value(struct writer *w, const struct labeller *labeller,
			const struct profile_label *label)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct profile *profile = labeller->profile;

	if (w->used > 0)
		writer_char(w, ',');
	if (label->string != 0)
		writer_str(w, profile_string(profile, label->string));
	else if (label->unit == 0)
		writer_i64(w, label->number);
	else
		writer_str(w, unit_label(&scratch, label->number,
					 profile_string(profile, label->unit),
					 labeller->unit));
}

// The values of one key, string labels first.
static bool write_values(struct writer *w, const struct labeller *labeller,
			 struct profile_labels_view list, uint32_t key)
{
	bool is_any = false;

	for (size_t i = 0; i < list.count; i++) {
		if (list.labels[i].key == key && list.labels[i].string != 0) {
			write_value(w, labeller, &list.labels[i]);
			is_any = true;
		}
	}
	for (size_t i = 0; i < list.count; i++) {
		if (list.labels[i].key == key && list.labels[i].string == 0) {
			write_value(w, labeller, &list.labels[i]);
			is_any = true;
		}
	}
	return is_any;
}

static uint32_t add_frame(struct labeller *labeller, uint32_t name, uint32_t key)
{
	struct profile *profile = labeller->profile;
	uint32_t *row = map_put(&labeller->locations, (uint64_t)name << 32 | key);
	struct profile_line line = { 0 };

	if (*row != MAP_NONE)
		return *row;
	line.function = profile_builder_add_function(
		&labeller->builder,
		(struct profile_function){ .name = name, .filename = key });
	tables_reserve_locations(profile, 1);
	*row = (uint32_t)profile->location_count++;
	profile->locations[*row] = (struct profile_location){
		.id = labeller->builder.next_location_id++,
		.mapping = PROFILE_NONE,
	};
	profile_builder_set_lines(&labeller->builder, *row, &line, 1);
	return *row;
}

static void make_frames(struct labeller *labeller, struct side *side, uint32_t list)
{
	struct profile *profile = labeller->profile;

	for (size_t i = 0; i < side->count; i++) {
		struct writer w = writer_to_memory();
		uint32_t name;

		side->has_matched |= write_values(
			&w, labeller, profile_labels(profile, list), side->keys[i]);
		name = profile_intern(profile, writer_contents(&w));
		side->frames[list * side->count + i] =
			add_frame(labeller, name, side->keys[i]);
		writer_deinit(&w);
	}
}

// In the order of samples, so that ids are those that pprof gives.
static void make_all_frames(struct labeller *labeller, struct side *root,
			    struct side *leaf)
{
	const struct profile *profile = labeller->profile;
	CLEANUP_FREE uint8_t *made = table_zeroed(profile->label_sets.count, 1);

	for (size_t i = 0; i < profile->sample_count; i++) {
		uint32_t list = profile->sample_labels[i];

		if (made[list] != 0)
			continue;
		made[list] = 1;
		make_frames(labeller, root, list);
		make_frames(labeller, leaf, list);
	}
}

static uint32_t *append(uint32_t *out, const uint32_t *frames, size_t count)
{
	if (count > 0)
		memcpy(out, frames, count * sizeof(*out));
	return out + count;
}

// Leaf frames, the stack, root frames: as one new stack.
static uint32_t extend(struct labeller *labeller, struct profile_stacks *extended,
		       struct fold *known, size_t sample, const struct side *sides)
{
	const struct profile *profile = labeller->profile;
	uint32_t list = profile->sample_labels[sample];
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[sample]);
	const struct side *leaf = &sides[0], *root = &sides[1];
	size_t count = leaf->count + stack.count + root->count;
	uint32_t *out;

	labeller->stack = table_reserve(labeller->stack, &labeller->stack_capacity, count,
					sizeof(*labeller->stack));
	out = append(labeller->stack, leaf->frames + list * leaf->count, leaf->count);
	out = append(out, stack.locations, stack.count);
	append(out, root->frames + list * root->count, root->count);
	return tables_fold_stack(extended, known,
				 tables_hash_stack(labeller->stack, count),
				 labeller->stack, count);
}

static void extend_all(struct labeller *labeller, const struct side *sides)
{
	struct profile *profile = labeller->profile;
	struct profile_stacks extended = { 0 };
	struct fold known = { 0 };

	for (size_t i = 0; i < profile->sample_count; i++)
		profile->sample_stacks[i] = extend(labeller, &extended, &known, i, sides);
	fold_deinit(&known);
	if (extended.count == 0)
		return;
	free(profile->stacks.locations);
	free(profile->stacks.offsets);
	profile->stacks = extended;
}

struct label_frames_matched label_frames_add(struct profile *profile,
					     const struct label_frames_options *options)
{
	struct labeller labeller = { .profile = profile, .unit = options->unit };
	struct side sides[2] = { 0 };
	struct side *leaf = &sides[0], *root = &sides[1];

	if (options->root.n == 0 && options->leaf.n == 0)
		return (struct label_frames_matched){ false, false };
	profile_builder_init(&labeller.builder, profile);
	side_init(leaf, &labeller, options->leaf);
	side_init(root, &labeller, options->root);
	make_all_frames(&labeller, root, leaf);
	extend_all(&labeller, sides);
	profile_builder_deinit(&labeller.builder);
	map_deinit(&labeller.locations);
	arena_deinit(&labeller.arena);
	free(labeller.stack);
	return (struct label_frames_matched){ root->has_matched, leaf->has_matched };
}
