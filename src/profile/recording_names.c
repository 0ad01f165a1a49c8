// Rows in the order of first use, found again by hash.
#include "profile/recording_names.h"

#include <string.h>

#include "base/pages.h"
#include "profile/wire_put.h"

enum { MODULES_MAX = 16384 };

static bool have(struct recording_names *names, const void *rows)
{
	if (rows == NULL)
		names->is_out_of_memory = true;
	return rows != NULL;
}

static bool reserve_module(struct recording_names *names)
{
	struct recording_mapping *modules =
		pages_reserve(names->modules, &names->module_capacity,
			      names->module_count + 1, sizeof(*modules));

	if (!have(names, modules))
		return false;
	names->modules = modules;
	return true;
}

// Few modules, nearly sorted: by insertion.
static void insert_module(struct recording_names *names, struct recording_mapping added)
{
	size_t i;

	if (!reserve_module(names))
		return;
	for (i = names->module_count++; i > 0; i--) {
		if (names->modules[i - 1].module->start <= added.module->start)
			break;
		names->modules[i] = names->modules[i - 1];
	}
	names->modules[i] = added;
}

void recording_names_init(struct recording_names *names,
			  const struct recording *recording)
{
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	*names = (struct recording_names){ .recording = recording };
	while (names->module_count < MODULES_MAX &&
	       (bucket = recording_next(recording, RECORDING_MODULE, &cursor)) != NULL) {
		if (bucket->count * sizeof(uint64_t) < sizeof(struct recording_module))
			continue;
		insert_module(names,
			      (struct recording_mapping){
				      (const struct recording_module *)bucket->words,
				      (uint32_t)bucket->events[0],
				      (uint32_t)bucket->events[1],
			      });
	}
}

void recording_names_deinit(struct recording_names *names)
{
	pages_release(names->locations, names->location_capacity,
		      sizeof(*names->locations));
	pages_release(names->modules, names->module_capacity, sizeof(*names->modules));
	pages_release(names->strings, names->string_capacity, sizeof(*names->strings));
	pages_release(names->location_rows.rows, names->location_rows.capacity,
		      sizeof(uint32_t));
	pages_release(names->string_rows.rows, names->string_rows.capacity,
		      sizeof(uint32_t));
}

static uint64_t hash_location(const struct recording_location *location)
{
	uint64_t hash = (location->address ^ (uint64_t)location->epoch << 48) *
			0x9e3779b97f4a7c15;

	return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct recording_names *names,
			const struct recording_rows *rows, uint32_t row)
{
	return rows == &names->location_rows ? hash_location(&names->locations[row])
					     : str_hash(names->strings[row]);
}

static void place(struct recording_rows *rows, uint64_t hash, uint32_t row)
{
	size_t i = hash & (rows->capacity - 1);

	while (rows->rows[i] != 0)
		i = (i + 1) & (rows->capacity - 1);
	rows->rows[i] = row + 1;
}

// Room for one more row at a load of at most a half.
static bool reserve_row(struct recording_names *names, struct recording_rows *rows,
			size_t count)
{
	enum { CAPACITY_MIN = 1024 };
	struct recording_rows grown = { .capacity = rows->capacity * 2 };

	if (2 * (count + 1) <= rows->capacity)
		return true;
	if (grown.capacity == 0)
		grown.capacity = CAPACITY_MIN;
	grown.rows = pages_map(grown.capacity * sizeof(*grown.rows));
	if (!have(names, grown.rows))
		return false;
	for (uint32_t row = 0; row < count; row++)
		place(&grown, hash_of(names, rows, row), row);
	pages_release(rows->rows, rows->capacity, sizeof(*rows->rows));
	*rows = grown;
	return true;
}

static uint64_t find_location(const struct recording_names *names, uint64_t hash,
			      uint64_t address, uint32_t epoch)
{
	const struct recording_rows *rows = &names->location_rows;
	size_t mask = rows->capacity - 1;

	for (size_t i = hash & mask; rows->rows[i] != 0; i = (i + 1) & mask) {
		const struct recording_location *location =
			&names->locations[rows->rows[i] - 1];

		if (location->address == address && location->epoch == epoch)
			return rows->rows[i];
	}
	return 0;
}

uint64_t recording_names_location(struct recording_names *names, uint64_t address,
				  uint32_t epoch)
{
	struct recording_location added = { address, epoch }, *locations;
	uint64_t hash = hash_location(&added), id;

	if (names->is_out_of_memory ||
	    !reserve_row(names, &names->location_rows, names->location_count))
		return 0;
	id = find_location(names, hash, address, epoch);
	if (id != 0)
		return id;
	locations = pages_reserve(names->locations, &names->location_capacity,
				  names->location_count + 1, sizeof(*locations));
	if (!have(names, locations))
		return 0;
	names->locations = locations;
	locations[names->location_count] = added;
	place(&names->location_rows, hash, (uint32_t)names->location_count);
	return ++names->location_count;
}

static bool contains(const struct recording_mapping *mapping,
		     const struct recording_location *location)
{
	return location->address >= mapping->module->start &&
	       location->address < mapping->module->limit &&
	       location->epoch >= mapping->first_epoch &&
	       (mapping->last_epoch == 0 || location->epoch <= mapping->last_epoch);
}

uint64_t recording_names_mapping(const struct recording_names *names,
				 const struct recording_location *location)
{
	uint64_t found = 0;
	uint32_t first_epoch = 0;

	for (size_t i = 0; i < names->module_count; i++) {
		const struct recording_mapping *mapping = &names->modules[i];

		if (mapping->module->start > location->address)
			break;
		if (!contains(mapping, location) || mapping->first_epoch < first_epoch)
			continue;
		found = i + 1;
		first_epoch = mapping->first_epoch;
	}
	return found;
}

static bool find_string(const struct recording_names *names, uint64_t hash, struct str s,
			uint64_t *index)
{
	const struct recording_rows *rows = &names->string_rows;
	size_t mask = rows->capacity - 1;

	for (size_t i = hash & mask; rows->rows[i] != 0; i = (i + 1) & mask) {
		*index = rows->rows[i] - 1;
		if (str_equal(names->strings[*index], s))
			return true;
	}
	return false;
}

uint64_t recording_names_string(struct recording_names *names, struct str s)
{
	uint64_t hash = str_hash(s), index;
	struct str *strings;

	if (names->is_out_of_memory ||
	    !reserve_row(names, &names->string_rows, names->string_count))
		return 0;
	if (find_string(names, hash, s, &index))
		return index;
	strings = pages_reserve(names->strings, &names->string_capacity,
				names->string_count + 1, sizeof(*strings));
	if (!have(names, strings))
		return 0;
	names->strings = strings;
	strings[names->string_count] = s;
	place(&names->string_rows, hash, (uint32_t)names->string_count);
	return names->string_count++;
}

void recording_names_put_strings(const struct recording_names *names, struct writer *w)
{
	for (size_t i = 0; i < names->string_count; i++)
		wire_put_bytes(w, 6, names->strings[i]);
}
