// Sums are kept by stack, type and size, and joined when they are asked for.
#include "source/go_allocations.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/fold.h"
#include "base/hash.h"
#include "base/map.h"
#include "golang/code.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "golang/profile_code.h"
#include "heapdump/go_rtype.h"
#include "profile/builder.h"
#include "target/uprobe_program.h"

struct site {
	uint64_t type, size, count;
	uint32_t stack;
};

struct go_allocations {
	struct go_process *process;
	struct alloc_probe *probe;
	struct go_rtypes types;
	struct site *sites;
	size_t count, capacity;
	struct fold rows;
	struct alloc_event event;
};

bool go_allocations_open(struct go_process *process, enum alloc_detail detail,
			 struct go_allocations **out, struct error *err)
{
	struct go_allocations *allocations = table_zeroed(1, sizeof(*allocations));
	uint64_t module = go_process_find(process, STR("runtime.firstmoduledata"));

	allocations->process = process;
	allocations->types.process = process;
	allocations->types.names = go_process_read_number(
		process, module + (uint64_t)process->layout->moduledata.types, 8);
	if (!alloc_probe_open(process, detail, &allocations->probe, err)) {
		go_allocations_close(allocations);
		return false;
	}
	*out = allocations;
	return true;
}

void go_allocations_close(struct go_allocations *allocations)
{
	if (allocations == NULL)
		return;
	alloc_probe_close(allocations->probe);
	go_rtypes_deinit(&allocations->types);
	fold_deinit(&allocations->rows);
	free(allocations->sites);
	free(allocations);
}

static struct str type_name(const struct go_allocations *allocations, uint64_t type)
{
	uint32_t row = map_get(&allocations->types.rows, type);

	return row == MAP_NONE ? STR("") : allocations->types.items[row].name;
}

static void count_event(struct go_allocations *allocations,
			const struct alloc_event *event)
{
	uint64_t hash = hash_mix(hash_mix(event->type, event->size), event->stack);
	struct fold *rows = &allocations->rows;
	uint32_t row;
	size_t slot;

	fold_reserve(rows, 1);
	slot = fold_start(rows, hash);
	while ((row = fold_next(rows, hash, &slot)) != FOLD_NONE) {
		struct site *site = &allocations->sites[row];

		if (site->stack == event->stack && site->type == event->type &&
		    site->size == event->size) {
			site->count++;
			return;
		}
	}
	allocations->sites =
		table_reserve(allocations->sites, &allocations->capacity,
			      allocations->count + 1, sizeof(*allocations->sites));
	allocations->sites[allocations->count] =
		(struct site){ event->type, event->size, 1, event->stack };
	fold_add(rows, hash, slot, (uint32_t)allocations->count++);
	go_rtypes_row(&allocations->types, event->type);
}

bool go_allocations_next(struct go_allocations *allocations, struct alloc_text_event *out)
{
	if (!alloc_probe_next(allocations->probe, &allocations->event))
		return false;
	count_event(allocations, &allocations->event);
	*out = (struct alloc_text_event){
		.event = &allocations->event,
		.type = type_name(allocations, allocations->event.type),
		.stack = alloc_probe_stack(allocations->probe, allocations->event.stack),
	};
	return true;
}

struct alloc_probe_counts go_allocations_counts(const struct go_allocations *allocations)
{
	return alloc_probe_counts(allocations->probe);
}

static int compare_bytes(const void *a, const void *b)
{
	const struct go_allocation_sum *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->count > y->count ? -1 : x->count < y->count;
}

// The sum with that key, which is new where its row is the array's count.
static struct go_allocation_sum *sum_of(struct map *rows, uint64_t key,
					struct go_allocation_sum *sums, size_t *count)
{
	uint32_t *row = map_put(rows, key);

	if (*row == MAP_NONE)
		*row = (uint32_t)(*count)++;
	return &sums[*row];
}

static void add_site(struct go_allocation_sum *sum, const struct site *site)
{
	sum->count += site->count;
	sum->bytes += site->count * site->size;
}

void go_allocations_sum(const struct go_allocations *allocations,
			struct go_allocation_sums *out)
{
	struct map types = { 0 }, stacks = { 0 };

	*out = (struct go_allocation_sums){
		.types = table_zeroed(allocations->count + 1, sizeof(*out->types)),
		.stacks = table_zeroed(allocations->count + 1, sizeof(*out->stacks)),
	};
	for (size_t i = 0; i < allocations->count; i++) {
		const struct site *site = &allocations->sites[i];
		struct go_allocation_sum *type =
			sum_of(&types, site->type, out->types, &out->type_count);
		struct go_allocation_sum *stack =
			sum_of(&stacks, site->stack, out->stacks, &out->stack_count);

		add_site(type, site);
		type->type = type_name(allocations, site->type);
		add_site(stack, site);
		stack->stack = alloc_probe_stack(allocations->probe, site->stack);
		out->count += site->count;
		out->bytes += site->count * site->size;
	}
	map_deinit(&types);
	map_deinit(&stacks);
	qsort(out->types, out->type_count, sizeof(*out->types), compare_bytes);
	qsort(out->stacks, out->stack_count, sizeof(*out->stacks), compare_bytes);
}

void go_allocation_sums_deinit(struct go_allocation_sums *sums)
{
	free(sums->types);
	free(sums->stacks);
}

// Leaf first, as runtime/pprof has it: runtime.goexit at the end is left out.
static uint32_t stack_row(struct profile_code *code, struct alloc_stack stack)
{
	uint32_t rows[UPROBE_STACK_DEPTH + 1];
	size_t count = 0;

	for (size_t i = 0; i < stack.count; i++) {
		const struct go_point *point =
			go_code_at(code->process->code, stack.pcs[i]);
		uint32_t row = point->role == GO_ROLE_GOEXIT
				       ? PROFILE_NONE
				       : profile_code_location(code, point);

		if (row != PROFILE_NONE)
			rows[count++] = row;
	}
	return profile_builder_stack(code->builder, rows, count);
}

static void add_sample(const struct go_allocations *allocations,
		       struct profile_code *code, const struct site *site)
{
	struct profile *profile = code->builder->profile;
	int64_t values[] = { (int64_t)site->count, (int64_t)(site->count * site->size) };
	struct profile_label labels[] = {
		{ .key = profile_intern(profile, STR("bytes")),
		  .number = (int64_t)site->size },
		{ .key = profile_intern(profile, STR("type")),
		  .string = profile_intern(profile, type_name(allocations, site->type)) },
	};
	bool has_type = type_name(allocations, site->type).n > 0;
	uint32_t stack =
		stack_row(code, alloc_probe_stack(allocations->probe, site->stack));

	profile_builder_add(
		code->builder, stack,
		profile_builder_labels(code->builder, labels, has_type ? 2 : 1), values);
}

struct profile *go_allocations_profile(const struct go_allocations *allocations)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	struct profile_code code;

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("alloc_objects"), STR("count"));
	profile_builder_add_type(&builder, STR("alloc_space"), STR("bytes"));
	profile_code_init(&code, allocations->process, &builder);
	profile->period = 1;
	profile->period_type = profile->types[1];
	profile->time_ns = go_process_time_ns(allocations->process);
	for (size_t i = 0; i < allocations->count; i++)
		add_sample(allocations, &code, &allocations->sites[i]);
	profile_code_deinit(&code);
	profile_builder_deinit(&builder);
	return profile;
}
