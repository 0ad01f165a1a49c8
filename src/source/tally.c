// Counting samples by stack and owner, and writing them with as few labels as tell them
// apart.
#include "source/tally.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "binary/module.h"
#include "binary/symbolize.h"
#include "source/names.h"
#include "source/space.h"
#include "target/perf_record.h"

struct tally_count {
	uint32_t stack, owner;
	int64_t samples, value;
};

void tally_init(struct tally *tally, const struct tally_event *events, size_t count)
{
	*tally = (struct tally){ .kernel_row = PROFILE_NONE,
				 .events = events,
				 .event_count = count };
	tally->profile = profile_create();
	profile_builder_init(&tally->builder, tally->profile);
	profile_builder_add_type(&tally->builder, STR("samples"), STR("count"));
	for (size_t i = 0; i < count; i++)
		profile_builder_add_type(&tally->builder, events[i].name, events[i].unit);
}

void tally_deinit(struct tally *tally)
{
	profile_builder_deinit(&tally->builder);
	if (tally->profile != NULL)
		profile_destroy(tally->profile);
	map_deinit(&tally->mapping_rows);
	map_deinit(&tally->owner_rows);
	map_deinit(&tally->count_rows);
	free(tally->owners);
	free(tally->counts);
	free(tally->locations);
	free(tally->mappings);
	free(tally->labels);
}

static uint32_t add_row(struct tally *tally, struct profile_mapping mapping,
			struct symbolize_mapping known)
{
	uint32_t row = profile_builder_add_mapping(&tally->builder, mapping);

	tally->mappings = table_reserve(tally->mappings, &tally->mapping_capacity,
					row + (size_t)1, sizeof(known));
	tally->mappings[row] = known;
	return row;
}

void tally_add_mapping(struct tally *tally, struct space_set *spaces, struct space *space,
		       struct space_mapping *mapping)
{
	const struct code *code = space_code(spaces, space, mapping);
	uint64_t key = hash_mix(hash_mix(mapping->code, mapping->offset),
				mapping->limit - mapping->start);
	uint32_t *row = map_put(&tally->mapping_rows, key);

	if (*row == MAP_NONE) {
		struct profile_mapping new = {
			.start = mapping->start,
			.limit = mapping->limit,
			.offset = mapping->offset,
			.file = profile_intern(tally->profile, code->file),
		};

		if (code->module != NULL)
			new.build_id = profile_intern(tally->profile,
						      module_build_id(code->module));
		else if (code->build_id.n > 0)
			new.build_id = profile_intern(tally->profile, code->build_id);
		*row = add_row(tally, new,
			       (struct symbolize_mapping){
				       .module = code->module,
				       .problem = code->problem,
				       .pid = (uint32_t)space->pid,
			       });
	}
	mapping->row = *row;
	// The same code of another process: its addresses are told in those of the first.
	mapping->shift = tally->profile->mappings[*row].start - mapping->start;
}

static void add_location(struct tally *tally, size_t *count, uint32_t mapping,
			 uint64_t address)
{
	uint32_t location = profile_builder_location(&tally->builder, mapping, address);

	tally->locations = table_reserve(tally->locations, &tally->location_capacity,
					 *count + 1, sizeof(*tally->locations));
	tally->locations[(*count)++] = location;
}

static uint32_t kernel_row(struct tally *tally)
{
	static const struct str name = { "[kernel.kallsyms]", 17 };

	if (tally->kernel_row == PROFILE_NONE)
		tally->kernel_row =
			add_row(tally,
				(struct profile_mapping){
					.start = UINT64_C(0xffff800000000000),
					.limit = UINT64_MAX,
					.file = profile_intern(tally->profile, name),
					.build_id = profile_intern(
						tally->profile, tally->kernel_build_id),
				},
				(struct symbolize_mapping){ .pid = 0 });
	return tally->kernel_row;
}

static void add_kernel_part(struct tally *tally, const struct perf_sample *sample,
			    size_t *count)
{
	struct perf_part part = perf_record_part(sample, (uint64_t)PERF_CONTEXT_KERNEL);

	// The first is where the CPU was, the others are return addresses.
	for (size_t i = 0; i < part.count; i++)
		add_location(tally, count, kernel_row(tally),
			     part.addresses[i] - (i == 0 ? 0 : 1));
}

static void add_user_part(struct tally *tally, struct space_set *spaces,
			  struct space *space, const struct space_stack *stack,
			  size_t *count)
{
	for (size_t i = 0; i < stack->count; i++) {
		// A return address may be the first of the next function: its call is
		// not.
		uint64_t pc = stack->pcs[i] - (stack->is_exact[i] ? 0 : 1);
		struct space_mapping *mapping = space_find(space, pc);

		if (mapping != NULL && mapping->row == SPACE_NO_ROW)
			tally_add_mapping(tally, spaces, space, mapping);
		if (mapping != NULL)
			add_location(tally, count, mapping->row, pc + mapping->shift);
		else
			add_location(tally, count, PROFILE_NONE, pc);
	}
}

static uint32_t owner_row(struct tally *tally, const struct tally_owner *owner)
{
	uint64_t key =
		hash_mix(hash_mix((uint64_t)owner->pid, owner->process_name),
			 hash_mix((uint64_t)owner->event << 32 | owner->thread_name,
				  (uint64_t)owner->labels << 32 | owner->program));
	uint32_t *row = map_put(&tally->owner_rows, key);

	if (*row != MAP_NONE)
		return *row;
	tally->owners = table_reserve(tally->owners, &tally->owner_capacity,
				      tally->owner_count + 1, sizeof(*owner));
	tally->owners[tally->owner_count] = *owner;
	*row = (uint32_t)tally->owner_count++;
	return *row;
}

void tally_add(struct tally *tally, struct space_set *spaces, struct space *space,
	       const struct perf_sample *sample, const struct space_stack *stack,
	       const struct tally_owner *owner)
{
	size_t count = 0;
	uint32_t stack_row, *row;

	add_kernel_part(tally, sample, &count);
	add_user_part(tally, spaces, space, stack, &count);
	if (count == 0)
		add_location(tally, &count, PROFILE_NONE, sample->ip);
	stack_row = profile_builder_stack(&tally->builder, tally->locations, count);
	row = map_put(&tally->count_rows,
		      (uint64_t)stack_row << 32 | owner_row(tally, owner));
	if (*row == MAP_NONE) {
		tally->counts =
			table_reserve(tally->counts, &tally->count_capacity,
				      tally->count_count + 1, sizeof(*tally->counts));
		tally->counts[tally->count_count] =
			(struct tally_count){ stack_row, owner_row(tally, owner), 0, 0 };
		*row = (uint32_t)tally->count_count++;
	}
	tally->counts[*row].samples++;
	tally->counts[*row].value +=
		(int64_t)(sample->period != 0 ? sample->period
					      : tally->events[owner->event].period);
	tally->samples++;
}

struct differences {
	bool in_pid, in_thread_name;
};

static struct differences find_differences(const struct tally *tally)
{
	struct differences found = { 0 };

	for (size_t i = 1; i < tally->owner_count; i++) {
		found.in_pid |= tally->owners[i].pid != tally->owners[0].pid;
		found.in_thread_name |=
			tally->owners[i].thread_name != tally->owners[0].thread_name;
	}
	return found;
}

static struct profile_label make_label(struct tally *tally, struct str key,
				       struct str value)
{
	return (struct profile_label){
		.key = profile_intern(tally->profile, key),
		.string = profile_intern(tally->profile, value),
	};
}

// Room in the scratch list for those of the owner and `more`; theirs come first.
static size_t start_labels(struct tally *tally, const struct tally_owner *owner,
			   size_t more)
{
	const struct profile_label_sets *sets = &tally->profile->label_sets;
	uint32_t from = sets->offsets[owner->labels];
	size_t count = sets->offsets[owner->labels + 1] - from;

	tally->labels = table_reserve(tally->labels, &tally->label_capacity, count + more,
				      sizeof(*tally->labels));
	memcpy(tally->labels, sets->labels + from, count * sizeof(*tally->labels));
	return count;
}

static uint32_t label_row(struct tally *tally, const struct names *names,
			  const struct tally_owner *owner, struct differences differences)
{
	enum { OWN_LABELS = 3 };
	size_t count = start_labels(tally, owner, OWN_LABELS);
	struct profile_label *labels = tally->labels;
	char pid[16];

	if (differences.in_pid) {
		snprintf(pid, sizeof(pid), "%d", owner->pid);
		labels[count++] = make_label(tally, STR("pid"), str_from(pid));
		labels[count++] = make_label(tally, STR("process"),
					     names->strings.strings[owner->process_name]);
	}
	if (differences.in_thread_name)
		labels[count++] = make_label(tally, STR("thread"),
					     names->strings.strings[owner->thread_name]);
	return profile_builder_labels(&tally->builder, labels, count);
}

// The program with most samples, of the target if it has any, else of its children.
static uint32_t main_program(const struct tally *tally, int target_pid)
{
	struct program {
		int64_t own, all;
	};
	size_t rows = tally->profile->mapping_count;
	CLEANUP_FREE struct program *programs = calloc(rows + 1, sizeof(*programs));
	uint32_t best = PROFILE_NONE;

	if (programs == NULL)
		arena_out_of_memory(rows * sizeof(*programs));
	for (size_t i = 0; i < tally->count_count; i++) {
		const struct tally_owner *owner = &tally->owners[tally->counts[i].owner];

		if (owner->program == PROFILE_NONE)
			continue;
		programs[owner->program].all += tally->counts[i].samples;
		if (owner->pid == target_pid)
			programs[owner->program].own += tally->counts[i].samples;
	}
	for (uint32_t i = 0; i < rows; i++) {
		const struct program *now = &programs[i], *then = &programs[best];

		if (now->all > 0 && (best == PROFILE_NONE || now->own > then->own ||
				     (now->own == then->own && now->all > then->all)))
			best = i;
	}
	return best;
}

static void put_first(struct tally *tally, uint32_t row)
{
	struct profile *profile = tally->profile;
	struct profile_mapping first = profile->mappings[0];
	struct symbolize_mapping known = tally->mappings[0];

	profile->mappings[0] = profile->mappings[row];
	profile->mappings[row] = first;
	tally->mappings[0] = tally->mappings[row];
	tally->mappings[row] = known;
	for (size_t i = 0; i < profile->location_count; i++) {
		uint32_t *mapping = &profile->locations[i].mapping;

		if (*mapping == 0)
			*mapping = row;
		else if (*mapping == row)
			*mapping = 0;
	}
}

static void add_samples(struct tally *tally, const struct names *names)
{
	struct differences differences = find_differences(tally);
	CLEANUP_FREE int64_t *values =
		table_zeroed(1 + tally->event_count, sizeof(*values));

	for (size_t i = 0; i < tally->count_count; i++) {
		const struct tally_count *count = &tally->counts[i];
		const struct tally_owner *owner = &tally->owners[count->owner];

		values[0] = count->samples;
		values[1 + owner->event] = count->value;
		profile_builder_add(&tally->builder, count->stack,
				    label_row(tally, names, owner, differences), values);
		values[1 + owner->event] = 0;
	}
}

struct profile *tally_finish_take(struct tally *tally, const struct names *names,
				  int target_pid)
{
	uint32_t program = main_program(tally, target_pid);
	struct profile *profile = tally->profile;

	add_samples(tally, names);
	profile->period_type.type = profile_intern(profile, tally->events[0].name);
	profile->period_type.unit = profile_intern(profile, tally->events[0].unit);
	profile->period = (int64_t)tally->events[0].period;
	if (program != PROFILE_NONE && program != 0)
		put_first(tally, program);
	tally->profile = NULL;
	return profile;
}
