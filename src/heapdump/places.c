// A profile that has locations and nothing else is what the symbolizer fills in.
#include "heapdump/places.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "binary/symbolize.h"
#include "heapdump/heap.h"
#include "profile/builder.h"

void places_add_module(struct places *places, struct places_module module)
{
	places->modules = table_reserve(places->modules, &places->module_capacity,
					places->module_count + 1, sizeof(module));
	places->modules[places->module_count++] = module;
}

void places_add(struct places *places, struct places_place place)
{
	places->items = table_reserve(places->items, &places->capacity, places->count + 1,
				      sizeof(place));
	places->items[places->count++] = place;
}

void places_deinit(struct places *places)
{
	free(places->modules);
	free(places->items);
	*places = (struct places){ 0 };
}

// One location of the profile for each place.
struct resolving {
	const struct places *places;
	const struct map *frame_rows;
	struct heap *heap;
	struct profile *profile;
	struct profile_builder builder;
	struct map modules;   // id -> row of mappings
	struct map locations; // id of a place -> row of locations
	uint32_t *firsts;     // by row of locations: its first row of frames
	uint32_t unknown;     // row of frames
};

static void add_locations(struct resolving *r)
{
	for (size_t i = 0; i < r->places->module_count; i++) {
		const struct places_module *module = &r->places->modules[i];
		struct profile_mapping mapping = {
			.start = module->start,
			.limit = module->limit,
			.offset = module->offset,
			.file = profile_intern(r->profile, module->path),
			.build_id = profile_intern(r->profile, module->build_id),
		};

		*map_put(&r->modules, module->id) =
			profile_builder_add_mapping(&r->builder, mapping);
	}
	for (size_t i = 0; i < r->places->count; i++) {
		const struct places_place *place = &r->places->items[i];
		uint32_t module = map_get(&r->modules, place->module);

		*map_put(&r->locations, place->frame) = profile_builder_location(
			&r->builder, module == MAP_NONE ? PROFILE_NONE : module,
			place->address);
	}
}

static struct heap_frame frame_of_line(struct resolving *r,
				       const struct profile_line *line)
{
	struct arena *arena = &r->heap->arena;
	const struct profile_function *function;

	if (line->function == PROFILE_NONE)
		return (struct heap_frame){ .function = STR("unknown") };
	function = &r->profile->functions[line->function];
	return (struct heap_frame){
		.function = str_copy(arena, profile_string(r->profile, function->name)),
		.file = str_copy(arena, profile_string(r->profile, function->filename)),
		.line = (uint64_t)line->line,
	};
}

static uint32_t add_nameless(struct resolving *r, const struct profile_location *location)
{
	struct heap_frame frame = {
		.function = str_format(&r->heap->arena, "0x%llx",
				       (unsigned long long)location->address),
	};

	if (location->mapping != PROFILE_NONE)
		frame.file = str_copy(
			&r->heap->arena,
			profile_string(r->profile,
				       r->profile->mappings[location->mapping].file));
	return heap_add_frame(r->heap, frame);
}

static void add_frames(struct resolving *r)
{
	const struct profile *profile = r->profile;

	r->firsts = table_zeroed(profile->location_count + 1, sizeof(*r->firsts));
	for (size_t i = 0; i < profile->location_count; i++) {
		const struct profile_location *location = &profile->locations[i];

		if (location->line_count == 0)
			r->firsts[i] = add_nameless(r, location);
		for (uint32_t line = 0; line < location->line_count; line++) {
			uint32_t row = heap_add_frame(
				r->heap,
				frame_of_line(
					r, &profile->lines[location->first_line + line]));

			if (line == 0)
				r->firsts[i] = row;
		}
	}
}

static void append_unknown(struct resolving *r)
{
	if (r->unknown == HEAP_NONE)
		r->unknown = heap_add_frame(
			r->heap, (struct heap_frame){ .function = STR("unknown") });
	heap_add_site_frame(r->heap, r->unknown);
}

static void append_frames(struct resolving *r, uint32_t id)
{
	uint32_t location = map_get(&r->locations, id);
	uint32_t frame = map_get(r->frame_rows, id);
	uint32_t count;

	if (location == MAP_NONE && frame == MAP_NONE) {
		append_unknown(r);
	} else if (location == MAP_NONE) {
		heap_add_site_frame(r->heap, frame);
	} else {
		count = r->profile->locations[location].line_count;
		for (uint32_t i = 0; i < (count == 0 ? 1 : count); i++)
			heap_add_site_frame(r->heap, r->firsts[location] + i);
	}
}

// A site that has the frames of an earlier one adds to that one instead.
static void join_sites(struct resolving *r)
{
	struct heap *heap = r->heap;
	struct profile_builder *builder = &r->builder;
	uint32_t *sites = table_zeroed(heap->site_count + 1, sizeof(*sites));
	struct map by_stack = { 0 };

	for (uint32_t i = 0; i < heap->site_count; i++) {
		struct heap_site *site = &heap->sites[i];
		uint32_t stack = profile_builder_stack(
			builder,
			site->count == 0 ? NULL : heap->site_frames + site->first,
			site->count);
		uint32_t *first = map_put(&by_stack, stack);

		if (*first == MAP_NONE)
			*first = i;
		sites[i] = *first;
		if (*first == i)
			continue;
		heap->sites[*first].allocations += site->allocations;
		heap->sites[*first].frees += site->frees;
	}
	for (size_t i = 0; i < heap->site_rows.capacity; i++) {
		struct map_slot *slot = &heap->site_rows.slots[i];

		if (slot->used && slot->value < heap->site_count)
			slot->value = sites[slot->value];
	}
	map_deinit(&by_stack);
	free(sites);
}

static void replace_ids(struct resolving *r)
{
	struct heap *heap = r->heap;
	uint32_t *ids = heap->site_frames;

	heap->site_frames = NULL;
	heap->site_frame_count = heap->site_frame_capacity = 0;
	for (size_t i = 0; i < heap->site_count; i++) {
		struct heap_site site = heap->sites[i];

		heap->sites[i].first = (uint32_t)heap->site_frame_count;
		for (uint32_t k = 0; k < site.count; k++)
			append_frames(r, ids[site.first + k]);
		heap->sites[i].count =
			(uint32_t)heap->site_frame_count - heap->sites[i].first;
	}
	free(ids);
}

void places_resolve(const struct places *places, const struct map *frame_rows,
		    struct heap *heap)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	const struct symbolize_options options = { .no_kernel = true };
	struct resolving r = { .places = places,
			       .frame_rows = frame_rows,
			       .heap = heap,
			       .profile = profile_create(),
			       .unknown = HEAP_NONE };

	profile_builder_init(&r.builder, r.profile);
	add_locations(&r);
	if (places->count > 0)
		symbolize_profile(r.profile, &options, &arena);
	add_frames(&r);
	replace_ids(&r);
	if (places->count > 0)
		join_sites(&r);
	free(r.firsts);
	map_deinit(&r.modules);
	map_deinit(&r.locations);
	profile_builder_deinit(&r.builder);
	profile_destroy(r.profile);
}
