// What the samples of a recording name: locations, modules and strings, each once, with
// the numbers that a profile.proto gives them. Memory comes from pages.h.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "profile/recording.h"

struct writer;

struct recording_location {
	uint64_t address;
	uint32_t epoch;
};

struct recording_mapping {
	const struct recording_module *module;
	uint32_t first_epoch, last_epoch;
};

// An open hash table of row numbers + 1; the rows are elsewhere.
struct recording_rows {
	uint32_t *rows;
	size_t capacity; // power of two, or 0
};

struct recording_names {
	const struct recording *recording;
	struct recording_location *locations; // by id - 1
	size_t location_count, location_capacity;
	struct recording_mapping *modules; // sorted by start; by id - 1
	size_t module_count, module_capacity;
	struct str *strings; // by index; borrowed
	size_t string_count, string_capacity;
	struct recording_rows location_rows, string_rows;
	bool is_out_of_memory; // from then on everything is 0
};

// Collects the modules.
void recording_names_init(struct recording_names *names,
			  const struct recording *recording);
void recording_names_deinit(struct recording_names *names);

// The id of a location, from 1.
uint64_t recording_names_location(struct recording_names *names, uint64_t address,
				  uint32_t epoch);

// The id of the module that a location is in, 0 where there is none.
uint64_t recording_names_mapping(const struct recording_names *names,
				 const struct recording_location *location);

// The index of a string, whose bytes must last until the names are written. The first one
// asked for is 0.
uint64_t recording_names_string(struct recording_names *names, struct str s);

// Writes all strings as the field string_table.
void recording_names_put_strings(const struct recording_names *names, struct writer *w);
