// Groups the locations of a profile by mapping, looks every distinct address up once, and
// writes functions and lines back.
#include "binary/symbolize.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "binary/symbolize_names.h"
#include "binary/symbolize_origins.h"
#include "profile/builder.h"

// One location to be named, by where it is.
struct place {
	uint32_t mapping, location;
	uint64_t address;
};

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->mapping != b->mapping)
		return a->mapping < b->mapping ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->location < b->location ? -1 : a->location > b->location;
}

static bool has_names(const struct profile_mapping *mapping)
{
	return mapping->has_functions || mapping->has_filenames ||
	       mapping->has_line_numbers;
}

static bool is_wanted(const struct profile *profile,
		      const struct profile_location *location,
		      const struct symbolize_options *options)
{
	if (options->force)
		return true;
	if (location->line_count > 0)
		return false;
	return location->mapping == PROFILE_NONE ||
	       !has_names(&profile->mappings[location->mapping]);
}

static size_t collect_places(const struct profile *profile,
			     const struct symbolize_options *options,
			     struct place *places)
{
	size_t count = 0;

	for (uint32_t i = 0; i < profile->location_count; i++) {
		const struct profile_location *location = &profile->locations[i];

		if (location->address != 0 && is_wanted(profile, location, options))
			places[count++] =
				(struct place){ location->mapping, i, location->address };
	}
	qsort(places, count, sizeof(*places), compare_places);
	return count;
}

// The distinct addresses of one mapping, and which places have each.
struct batch {
	struct module_sink sink; // first: the callback casts back
	struct profile *profile;
	struct symbolize_names *names;
	const struct place *places;
	size_t place_count;
	uint64_t *addresses;
	uint32_t *first; // index into places of each address; count + 1 of them
	size_t count, named;
};

static void batch_init(struct batch *batch, struct arena *arena)
{
	batch->addresses = arena_array(arena, batch->place_count, sizeof(uint64_t));
	batch->first = arena_array(arena, batch->place_count + 1, sizeof(uint32_t));
	for (size_t i = 0; i < batch->place_count; i++) {
		if (i > 0 && batch->places[i].address == batch->places[i - 1].address)
			continue;
		batch->addresses[batch->count] = batch->places[i].address;
		batch->first[batch->count++] = (uint32_t)i;
	}
	batch->first[batch->count] = (uint32_t)batch->place_count;
}

static void mark_mapping(struct profile_mapping *mapping,
			 const struct module_frame *frames, size_t count)
{
	mapping->has_inline_frames |= count > 1;
	for (size_t i = 0; i < count; i++) {
		mapping->has_functions |= frames[i].symbol.n > 0;
		mapping->has_filenames |= frames[i].file.n > 0;
		mapping->has_line_numbers |= frames[i].line > 0;
	}
}

static void take_frames(struct module_sink *sink, size_t index,
			const struct module_frame *frames, size_t count)
{
	struct batch *batch = (struct batch *)sink;
	uint32_t mapping = batch->places[0].mapping;

	if (count == 0)
		return;
	batch->named++;
	symbolize_names_add(batch->names, frames, count);
	for (uint32_t i = batch->first[index]; i < batch->first[index + 1]; i++)
		symbolize_names_set(batch->names, batch->places[i].location);
	if (mapping != PROFILE_NONE)
		mark_mapping(&batch->profile->mappings[mapping], frames, count);
}

static struct symbolize_finding symbolize_batch(struct batch *batch,
						struct symbolize_origins *origins,
						struct arena *arena)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	uint32_t row = batch->places[0].mapping;
	struct symbolize_finding finding = { .file = STR(""), .build_id = STR("") };

	batch_init(batch, &scratch);
	if (row != PROFILE_NONE) {
		const struct profile_mapping *mapping = &batch->profile->mappings[row];

		finding.file =
			str_copy(arena, profile_string(batch->profile, mapping->file));
		finding.build_id = str_copy(arena, profile_string(batch->profile,
								  mapping->build_id));
	}
	finding.text = symbolize_origins_look_up(origins, row, batch->addresses,
						 batch->count, &batch->sink, arena);
	finding.addresses = batch->count;
	finding.unnamed = batch->count - batch->named;
	return finding;
}

static void replace_first_binary(struct profile *profile, struct str binary)
{
	if (binary.n > 0 && profile->mapping_count > 0)
		profile->mappings[0].file = profile_intern(profile, binary);
}

struct symbolize_result symbolize_profile(struct profile *profile,
					  const struct symbolize_options *options,
					  struct arena *arena)
{
	CLEANUP_FREE struct place *places =
		calloc(profile->location_count + 1, sizeof(*places));
	struct symbolize_result result = { 0 };
	struct symbolize_names *names;
	struct symbolize_origins *origins;

	if (places == NULL)
		arena_out_of_memory(profile->location_count * sizeof(*places));
	replace_first_binary(profile, options->binary);
	names = symbolize_names_create(profile, options);
	origins = symbolize_origins_create(profile, options);
	size_t count = collect_places(profile, options, places);

	result.findings =
		arena_array(arena, profile->mapping_count + 1, sizeof(*result.findings));
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count; to++)
			if (places[to].mapping != places[from].mapping)
				break;
		struct batch batch = {
			.sink = { take_frames },
			.profile = profile,
			.names = names,
			.places = places + from,
			.place_count = to - from,
		};

		result.findings[result.finding_count++] =
			symbolize_batch(&batch, origins, arena);
	}
	symbolize_origins_destroy(origins);
	symbolize_names_destroy(names);
	return result;
}
