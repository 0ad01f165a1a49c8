// Growth of the profile's tables, and folding of stacks and label lists into them.
#include "profile/tables.h"

#include <string.h>

void tables_reserve_sample_rows(struct profile *profile, size_t more)
{
	size_t wanted = profile->sample_count + more;
	size_t stack_capacity = profile->sample_capacity;
	size_t label_capacity = profile->sample_capacity;

	if (wanted <= profile->sample_capacity)
		return;
	profile->sample_stacks = table_reserve(profile->sample_stacks, &stack_capacity,
					       wanted, sizeof(*profile->sample_stacks));
	profile->sample_labels =
		table_reserve(profile->sample_labels, &label_capacity, stack_capacity,
			      sizeof(*profile->sample_labels));
	profile->sample_capacity = stack_capacity;
}

void tables_reserve_samples(struct profile *profile, size_t more)
{
	size_t value_capacity = profile->sample_capacity * profile->type_count;

	if (profile->sample_count + more <= profile->sample_capacity)
		return;
	tables_reserve_sample_rows(profile, more);
	profile->sample_values =
		table_reserve(profile->sample_values, &value_capacity,
			      profile->sample_capacity * profile->type_count,
			      sizeof(*profile->sample_values));
}

void tables_reserve_mappings(struct profile *profile, size_t more)
{
	profile->mappings =
		table_reserve(profile->mappings, &profile->mapping_capacity,
			      profile->mapping_count + more, sizeof(*profile->mappings));
}

void tables_reserve_functions(struct profile *profile, size_t more)
{
	profile->functions =
		table_reserve(profile->functions, &profile->function_capacity,
			      profile->function_count + more,
			      sizeof(*profile->functions));
}

void tables_reserve_locations(struct profile *profile, size_t more)
{
	profile->locations =
		table_reserve(profile->locations, &profile->location_capacity,
			      profile->location_count + more,
			      sizeof(*profile->locations));
}

void tables_reserve_lines(struct profile *profile, size_t more)
{
	profile->lines =
		table_reserve(profile->lines, &profile->line_capacity,
			      profile->line_count + more, sizeof(*profile->lines));
}

void tables_reserve_stacks(struct profile_stacks *stacks, size_t more, size_t locations)
{
	size_t capacity = stacks->capacity + 1;

	stacks->locations = table_reserve(stacks->locations, &stacks->location_capacity,
					  stacks->location_count + locations,
					  sizeof(*stacks->locations));
	stacks->offsets =
		table_reserve(stacks->offsets, &capacity, stacks->count + more + 1,
			      sizeof(*stacks->offsets));
	stacks->capacity = capacity - 1;
}

uint32_t tables_append_stack(struct profile_stacks *stacks, const uint32_t *locations,
			     size_t count)
{
	tables_reserve_stacks(stacks, 1, count);
	if (count > 0)
		memcpy(stacks->locations + stacks->location_count, locations,
		       count * sizeof(*locations));
	stacks->location_count += count;
	stacks->offsets[0] = 0;
	stacks->offsets[++stacks->count] = stacks->location_count;
	return (uint32_t)(stacks->count - 1);
}

void tables_reserve_labels(struct profile_label_sets *sets, size_t more, size_t labels)
{
	size_t capacity = sets->capacity + 1;

	sets->labels = table_reserve(sets->labels, &sets->label_capacity,
				     sets->label_count + labels, sizeof(*sets->labels));
	sets->offsets = table_reserve(sets->offsets, &capacity, sets->count + more + 1,
				      sizeof(*sets->offsets));
	sets->capacity = capacity - 1;
}

uint32_t tables_append_labels(struct profile_label_sets *sets,
			      const struct profile_label *labels, size_t count)
{
	tables_reserve_labels(sets, 1, count);
	if (count > 0)
		memcpy(sets->labels + sets->label_count, labels, count * sizeof(*labels));
	sets->label_count += count;
	sets->offsets[0] = 0;
	sets->offsets[++sets->count] = (uint32_t)sets->label_count;
	return (uint32_t)(sets->count - 1);
}

uint64_t tables_hash_labels(const struct profile_label *labels, size_t count)
{
	uint64_t hash = hash_u64(count);

	for (size_t i = 0; i < count; i++) {
		const struct profile_label *label = &labels[i];

		hash = hash_mix(hash, (uint64_t)label->key << 32 | label->string);
		hash = hash_mix(hash,
				(uint64_t)label->number ^ (uint64_t)label->unit << 40);
	}
	return hash;
}

static bool labels_are_equal(const struct profile_label *a, const struct profile_label *b,
			     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (a[i].key != b[i].key || a[i].string != b[i].string ||
		    a[i].number != b[i].number || a[i].unit != b[i].unit)
			return false;
	}
	return true;
}

uint32_t tables_fold_stack(struct profile_stacks *stacks, struct fold *rows,
			   uint64_t hash, const uint32_t *locations, size_t count)
{
	size_t slot;
	uint32_t row;

	fold_reserve(rows, 1);
	slot = fold_start(rows, hash);
	while ((row = fold_next(rows, hash, &slot)) != FOLD_NONE) {
		uint64_t from = stacks->offsets[row];

		if (stacks->offsets[row + 1] - from == count &&
		    (count == 0 || memcmp(stacks->locations + from, locations,
					  count * sizeof(*locations)) == 0))
			return row;
	}
	row = tables_append_stack(stacks, locations, count);
	fold_add(rows, hash, slot, row);
	return row;
}

uint32_t tables_fold_labels(struct profile_label_sets *sets, struct fold *rows,
			    uint64_t hash, const struct profile_label *labels,
			    size_t count)
{
	size_t slot;
	uint32_t row;

	fold_reserve(rows, 1);
	slot = fold_start(rows, hash);
	while ((row = fold_next(rows, hash, &slot)) != FOLD_NONE) {
		uint32_t from = sets->offsets[row];

		if (sets->offsets[row + 1] - from == count &&
		    labels_are_equal(sets->labels + from, labels, count))
			return row;
	}
	row = tables_append_labels(sets, labels, count);
	fold_add(rows, hash, slot, row);
	return row;
}

void tables_index_row(struct fold *rows, uint64_t hash, uint32_t row)
{
	size_t slot;

	fold_reserve(rows, 1);
	slot = fold_start(rows, hash);
	while (fold_next(rows, hash, &slot) != FOLD_NONE)
		;
	fold_add(rows, hash, slot, row);
}

void tables_index_stacks(struct fold *rows, const struct profile_stacks *stacks)
{
	for (uint32_t i = 0; i < stacks->count; i++) {
		uint64_t from = stacks->offsets[i];
		size_t count = (size_t)(stacks->offsets[i + 1] - from);

		tables_index_row(rows, tables_hash_stack(stacks->locations + from, count),
				 i);
	}
}

void tables_index_labels(struct fold *rows, const struct profile_label_sets *sets)
{
	for (uint32_t i = 0; i < sets->count; i++) {
		uint32_t from = sets->offsets[i];
		size_t count = sets->offsets[i + 1] - from;

		tables_index_row(rows, tables_hash_labels(sets->labels + from, count), i);
	}
}
