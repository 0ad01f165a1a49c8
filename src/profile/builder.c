// Rows into a profile's tables, each equal one once.
#include "profile/builder.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "profile/tables.h"

static uint64_t hash_location(uint32_t mapping, uint64_t address)
{
	return hash_mix(mapping, address);
}

static uint64_t sample_key(uint32_t stack, uint32_t labels)
{
	return (uint64_t)stack << 32 | labels;
}

static uint64_t *id_of(void *rows, size_t row_size, size_t i)
{
	void *row = (char *)rows + i * row_size;

	return row; // The id is the first member of every row that has one.
}

// Fresh ids continue behind the largest one; where none is left, all rows are numbered
// anew, since ids mean nothing but themselves.
static uint64_t next_id(void *rows, size_t count, size_t row_size)
{
	uint64_t max = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t id = *id_of(rows, row_size, i);

		max = id > max ? id : max;
	}
	if (max < UINT64_MAX)
		return max + 1;
	for (size_t i = 0; i < count; i++)
		*id_of(rows, row_size, i) = i + 1;
	return count + 1;
}

static void index_ids(struct profile_builder *builder)
{
	struct profile *profile = builder->profile;

	builder->next_mapping_id = next_id(profile->mappings, profile->mapping_count,
					   sizeof(*profile->mappings));
	builder->next_function_id = next_id(profile->functions, profile->function_count,
					    sizeof(*profile->functions));
	builder->next_location_id = next_id(profile->locations, profile->location_count,
					    sizeof(*profile->locations));
}

void profile_builder_init(struct profile_builder *builder, struct profile *profile)
{
	*builder = (struct profile_builder){ .profile = profile };
	index_ids(builder);
}

static void index_stacks(struct profile_builder *builder)
{
	if (!builder->has_stack_rows)
		tables_index_stacks(&builder->stack_rows, &builder->profile->stacks);
	builder->has_stack_rows = true;
}

static void index_labels(struct profile_builder *builder)
{
	if (!builder->has_label_rows)
		tables_index_labels(&builder->label_rows, &builder->profile->label_sets);
	builder->has_label_rows = true;
}

static void index_locations(struct profile_builder *builder)
{
	const struct profile *profile = builder->profile;

	if (builder->has_location_rows)
		return;
	builder->has_location_rows = true;
	for (uint32_t i = 0; i < profile->location_count; i++) {
		const struct profile_location *location = &profile->locations[i];

		tables_index_row(&builder->location_rows,
				 hash_location(location->mapping, location->address), i);
	}
}

static void index_samples(struct profile_builder *builder)
{
	const struct profile *profile = builder->profile;

	if (builder->has_sample_rows)
		return;
	builder->has_sample_rows = true;
	for (uint32_t i = 0; i < profile->sample_count; i++) {
		*map_put(&builder->sample_rows, sample_key(profile->sample_stacks[i],
							   profile->sample_labels[i])) =
			i;
	}
}

void profile_builder_deinit(struct profile_builder *builder)
{
	fold_deinit(&builder->stack_rows);
	fold_deinit(&builder->label_rows);
	fold_deinit(&builder->location_rows);
	map_deinit(&builder->sample_rows);
	*builder = (struct profile_builder){ 0 };
}

void profile_builder_add_type(struct profile_builder *builder, struct str type,
			      struct str unit)
{
	struct profile *profile = builder->profile;
	size_t capacity = profile->type_count;

	assert(profile->sample_count == 0);
	profile->types = table_reserve(profile->types, &capacity, profile->type_count + 1,
				       sizeof(*profile->types));
	profile->types[profile->type_count++] = (struct profile_value_type){
		profile_intern(profile, type),
		profile_intern(profile, unit),
	};
	// Room for samples was measured in the old number of columns.
	profile->sample_capacity = 0;
}

uint32_t profile_builder_add_mapping(struct profile_builder *builder,
				     struct profile_mapping mapping)
{
	struct profile *profile = builder->profile;

	mapping.id = builder->next_mapping_id++;
	tables_reserve_mappings(profile, 1);
	profile->mappings[profile->mapping_count++] = mapping;
	return (uint32_t)(profile->mapping_count - 1);
}

uint32_t profile_builder_add_function(struct profile_builder *builder,
				      struct profile_function function)
{
	struct profile *profile = builder->profile;

	function.id = builder->next_function_id++;
	tables_reserve_functions(profile, 1);
	profile->functions[profile->function_count++] = function;
	return (uint32_t)(profile->function_count - 1);
}

uint32_t profile_builder_add_location(struct profile_builder *builder, uint32_t mapping,
				      uint64_t address)
{
	struct profile *profile = builder->profile;

	tables_reserve_locations(profile, 1);
	profile->locations[profile->location_count++] = (struct profile_location){
		.id = builder->next_location_id++,
		.address = address,
		.mapping = mapping,
	};
	return (uint32_t)(profile->location_count - 1);
}

uint32_t profile_builder_location(struct profile_builder *builder, uint32_t mapping,
				  uint64_t address)
{
	const struct profile *profile = builder->profile;
	uint64_t hash = hash_location(mapping, address);
	size_t slot;
	uint32_t row;

	index_locations(builder);
	fold_reserve(&builder->location_rows, 1);
	slot = fold_start(&builder->location_rows, hash);
	while ((row = fold_next(&builder->location_rows, hash, &slot)) != FOLD_NONE) {
		if (profile->locations[row].mapping == mapping &&
		    profile->locations[row].address == address)
			return row;
	}
	row = profile_builder_add_location(builder, mapping, address);
	fold_add(&builder->location_rows, hash, slot, row);
	return row;
}

void profile_builder_set_lines(struct profile_builder *builder, uint32_t location,
			       const struct profile_line *lines, size_t count)
{
	struct profile *profile = builder->profile;
	struct profile_location *row = &profile->locations[location];

	assert(row->line_count == 0);
	if (count == 0)
		return;
	tables_reserve_lines(profile, count);
	row->first_line = (uint32_t)profile->line_count;
	row->line_count = (uint32_t)count;
	memcpy(profile->lines + profile->line_count, lines, count * sizeof(*lines));
	profile->line_count += count;
}

uint32_t profile_builder_stack(struct profile_builder *builder, const uint32_t *locations,
			       size_t count)
{
	index_stacks(builder);
	return tables_fold_stack(&builder->profile->stacks, &builder->stack_rows,
				 tables_hash_stack(locations, count), locations, count);
}

uint32_t profile_builder_labels(struct profile_builder *builder,
				const struct profile_label *labels, size_t count)
{
	index_labels(builder);
	return tables_fold_labels(&builder->profile->label_sets, &builder->label_rows,
				  tables_hash_labels(labels, count), labels, count);
}

void profile_builder_add(struct profile_builder *builder, uint32_t stack, uint32_t labels,
			 const int64_t *values)
{
	struct profile *profile = builder->profile;
	uint32_t *row;

	index_samples(builder);
	row = map_put(&builder->sample_rows, sample_key(stack, labels));
	if (*row == MAP_NONE) {
		*row = (uint32_t)profile->sample_count;
		profile_builder_append(builder, stack, labels, values);
		return;
	}
	for (size_t i = 0; i < profile->type_count; i++) {
		int64_t *sum = &profile->sample_values[*row * profile->type_count + i];

		*sum = (int64_t)((uint64_t)*sum + (uint64_t)values[i]);
	}
}

void profile_builder_append(struct profile_builder *builder, uint32_t stack,
			    uint32_t labels, const int64_t *values)
{
	struct profile *profile = builder->profile;
	size_t row = profile->sample_count;

	tables_reserve_samples(profile, 1);
	profile->sample_stacks[row] = stack;
	profile->sample_labels[row] = labels;
	if (profile->type_count > 0)
		memcpy(profile->sample_values + row * profile->type_count, values,
		       profile->type_count * sizeof(*values));
	profile->sample_count++;
}
