// Sums samples by the node that their stack ends in and by their labels.
#include "report/flame_labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/map.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/flame.h"
#include "report/flame_numbers.h"
#include "report/flame_stacks.h"
#include "report/label_units.h"
#include "report/measure.h"

// Nobody picks from longer lists; records are some ten bytes each.
enum { VALUES_MAX = 500, PARTS_MAX = 200000 };

struct label_key {
	struct interner values;
	bool is_left_out;
};

struct part {
	uint32_t node, set;
};

struct flame_labels {
	const struct flame *flame;
	struct arena arena;
	struct interner key_names; // key -> row of keys
	struct label_key *keys;
	size_t key_capacity;
	uint32_t **pairs; // by label list: key, value, ...; pair_counts numbers
	uint32_t *pair_counts;
	struct interner sets; // of the pairs that are not left out, as bytes
	uint32_t *set_of;     // by label list: row of sets
	struct map part_of;   // node and set -> row of parts
	struct part *parts;
	int64_t *values; // by part and column
	size_t part_count, part_capacity, value_capacity;
};

static struct str text_of(struct flame_labels *labels, const struct label_units *units,
			  const struct profile_label *label, struct str unit)
{
	const struct profile *profile = labels->flame->profile;

	if (label->string != 0)
		return profile_string(profile, label->string);
	return measure_label(&labels->arena, label->number,
			     label_units_of(units, label->key), unit);
}

static uint32_t add_key(struct flame_labels *labels, struct str name)
{
	size_t known = labels->key_names.count;
	uint32_t row = interner_add(&labels->key_names, NULL, name);

	labels->keys = table_reserve(labels->keys, &labels->key_capacity, (size_t)row + 1,
				     sizeof(*labels->keys));
	if (row == known)
		labels->keys[row] = (struct label_key){ 0 };
	return row;
}

// Which samples are the base of a difference is told by the columns.
static bool is_shown(const struct flame_labels *labels, const struct profile_label *label)
{
	const struct profile *profile = labels->flame->profile;

	if (labels->flame->has_base &&
	    str_equal(profile_string(profile, label->key), STR("pprof::base")))
		return false;
	return label->string != 0 || label->number != 0 || label->unit != 0;
}

static void name_list(struct flame_labels *labels, const struct label_units *units,
		      uint32_t list, struct str unit)
{
	const struct profile *profile = labels->flame->profile;
	struct profile_labels_view view = profile_labels(profile, list);
	uint32_t *pairs = arena_array(&labels->arena, 2 * view.count + 1, sizeof(*pairs));
	uint32_t count = 0;

	for (size_t i = 0; i < view.count; i++) {
		const struct profile_label *label = &view.labels[i];

		if (!is_shown(labels, label))
			continue;
		pairs[count] = add_key(labels, profile_string(profile, label->key));
		pairs[count + 1] = interner_add(&labels->keys[pairs[count]].values, NULL,
						text_of(labels, units, label, unit));
		count += 2;
	}
	labels->pairs[list] = pairs;
	labels->pair_counts[list] = count;
}

static void say_nothing(void *context, struct str sentence)
{
	(void)context;
	(void)sentence;
}

static void name_lists(struct flame_labels *labels, struct str unit)
{
	const struct profile *profile = labels->flame->profile;
	size_t lists = profile->label_sets.count;
	uint8_t *is_used = arena_array(&labels->arena, lists + 1, 1);
	struct label_units units =
		label_units_find(profile, &labels->arena, say_nothing, NULL);

	labels->pairs = arena_array(&labels->arena, lists + 1, sizeof(*labels->pairs));
	labels->pair_counts =
		arena_array(&labels->arena, lists + 1, sizeof(*labels->pair_counts));
	labels->set_of = arena_array(&labels->arena, lists + 1, sizeof(*labels->set_of));
	for (size_t i = 0; i < profile->sample_count; i++)
		is_used[profile->sample_labels[i]] = 1;
	for (uint32_t i = 0; i < lists; i++) {
		if (is_used[i] != 0)
			name_list(labels, &units, i, unit);
	}
	for (size_t k = 0; k < labels->key_names.count; k++)
		labels->keys[k].is_left_out = labels->keys[k].values.count > VALUES_MAX;
}

// Folds the lists that are equal without the keys that are left out.
static void fold_lists(struct flame_labels *labels)
{
	size_t lists = labels->flame->profile->label_sets.count;
	CLEANUP_ARENA struct arena scratch = { 0 };

	interner_deinit(&labels->sets);
	labels->sets = (struct interner){ 0 };
	interner_add(&labels->sets, &labels->arena, STR(""));
	for (size_t i = 0; i < lists; i++) {
		uint32_t count = labels->pair_counts[i], kept = 0;
		uint32_t *pairs = arena_array(&scratch, count + 1, sizeof(*pairs));

		for (uint32_t k = 0; k < count; k += 2) {
			if (labels->keys[labels->pairs[i][k]].is_left_out)
				continue;
			pairs[kept] = labels->pairs[i][k];
			pairs[kept + 1] = labels->pairs[i][k + 1];
			kept += 2;
		}
		labels->set_of[i] = interner_add(&labels->sets, &labels->arena,
						 (struct str){ (const char *)pairs,
							       kept * sizeof(*pairs) });
	}
}

static void add_sample(struct flame_labels *labels, size_t sample)
{
	const struct flame *flame = labels->flame;
	const struct profile *profile = flame->profile;
	uint32_t list = profile->sample_labels[sample];
	struct part part = { flame->stacks->nodes[profile->sample_stacks[sample]],
			     labels->set_of[list] };
	uint32_t *row = map_put(&labels->part_of, (uint64_t)part.node << 32 | part.set);
	size_t types = flame->type_count;

	if (*row == MAP_NONE) {
		*row = (uint32_t)labels->part_count++;
		labels->parts = table_reserve(labels->parts, &labels->part_capacity,
					      labels->part_count, sizeof(part));
		labels->values = table_reserve(labels->values, &labels->value_capacity,
					       labels->part_count * types,
					       sizeof(*labels->values));
		labels->parts[*row] = part;
		memset(labels->values + *row * types, 0, types * sizeof(*labels->values));
	}
	flame_stacks_add_sample(flame->stacks, sample, labels->values + *row * types);
}

// False where there are too many parts.
static bool sum_parts(struct flame_labels *labels)
{
	map_deinit(&labels->part_of);
	labels->part_of = (struct map){ 0 };
	labels->part_count = 0;
	for (size_t i = 0; i < labels->flame->profile->sample_count; i++) {
		add_sample(labels, i);
		if (labels->part_count > PARTS_MAX)
			return false;
	}
	return true;
}

static struct label_key *longest_key(const struct flame_labels *labels)
{
	struct label_key *longest = NULL;

	for (size_t k = 0; k < labels->key_names.count; k++) {
		struct label_key *key = &labels->keys[k];

		if (!key->is_left_out &&
		    (longest == NULL || key->values.count > longest->values.count))
			longest = key;
	}
	return longest;
}

// False where no labels are left.
static bool choose_keys(struct flame_labels *labels)
{
	struct label_key *longest;

	while ((longest = longest_key(labels)) != NULL) {
		fold_lists(labels);
		if (sum_parts(labels))
			return true;
		longest->is_left_out = true;
	}
	return false;
}

static void write_keys(const struct flame_labels *labels, struct json *j)
{
	json_key(j, "keys");
	json_array_begin(j);
	for (size_t k = 0; k < labels->key_names.count; k++) {
		const struct label_key *key = &labels->keys[k];

		json_object_begin(j);
		json_key_string(j, "key", labels->key_names.strings[k]);
		json_key(j, "values");
		json_array_begin(j);
		for (size_t i = 0; i < key->values.count && !key->is_left_out; i++)
			json_string(j, key->values.strings[i]);
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
	json_key(j, "left");
	json_array_begin(j);
	for (size_t k = 0; k < labels->key_names.count; k++) {
		if (!labels->keys[k].is_left_out)
			continue;
		json_object_begin(j);
		json_key_string(j, "key", labels->key_names.strings[k]);
		json_key_i64(j, "count", (int64_t)labels->keys[k].values.count);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_sets(const struct flame_labels *labels, struct json *j)
{
	json_key(j, "sets");
	json_array_begin(j);
	for (size_t i = 0; i < labels->sets.count; i++) {
		struct str bytes = labels->sets.strings[i];

		json_array_begin(j);
		for (size_t at = 0; at < bytes.n; at += sizeof(uint32_t)) {
			uint32_t number;

			memcpy(&number, bytes.p + at, sizeof(number));
			json_i64(j, number);
		}
		json_array_end(j);
	}
	json_array_end(j);
}

static int compare_parts(const void *a, const void *b, void *context)
{
	const struct flame_labels *labels = context;
	const struct part *x = &labels->parts[*(const uint32_t *)a];
	const struct part *y = &labels->parts[*(const uint32_t *)b];

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x->set < y->set ? -1 : x->set > y->set;
}

static void write_parts(struct flame_labels *labels, struct json *j)
{
	size_t count = labels->part_count;
	CLEANUP_FREE uint32_t *order = table_zeroed(count + 1, sizeof(*order));
	uint32_t before = 0;

	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), compare_parts, labels);
	json_key_i64(j, "partCount", (int64_t)count);
	json_key(j, "parts");
	writer_char(j->w, '"');
	for (size_t i = 0; i < count; i++) {
		const struct part *part = &labels->parts[order[i]];

		flame_numbers_write(j->w, part->node - before);
		flame_numbers_write(j->w, part->set);
		flame_numbers_write_values(j->w, labels->flame,
					   labels->values +
						   order[i] * labels->flame->type_count);
		before = part->node;
	}
	writer_char(j->w, '"');
	j->needs_comma = true;
}

static void flame_labels_deinit(struct flame_labels *labels)
{
	for (size_t k = 0; k < labels->key_names.count; k++)
		interner_deinit(&labels->keys[k].values);
	interner_deinit(&labels->key_names);
	interner_deinit(&labels->sets);
	map_deinit(&labels->part_of);
	free(labels->keys);
	free(labels->parts);
	free(labels->values);
	arena_deinit(&labels->arena);
}

void flame_labels_write(const struct flame *flame, struct str unit, struct json *j)
{
	struct flame_labels labels = { .flame = flame };

	name_lists(&labels, unit);
	if (labels.key_names.count > 0) {
		if (!choose_keys(&labels))
			labels.part_count = 0;
		json_key(j, "labels");
		json_object_begin(j);
		write_keys(&labels, j);
		write_sets(&labels, j);
		write_parts(&labels, j);
		json_object_end(j);
	}
	flame_labels_deinit(&labels);
}
