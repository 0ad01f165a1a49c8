// From walked stacks to the rows of a profile: equal stacks are one row, whichever
// process they are seen in.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "profile/builder.h"

struct names;
struct perf_sample;
struct space;
struct space_mapping;
struct space_set;
struct space_stack;
struct symbolize_mapping;

// What was counted: a column of the profile.
struct tally_event {
	struct str name, unit;
	uint64_t period; // what a sample without a period of its own stands for
};

// Whose a sample is, and of which event.
struct tally_owner {
	int pid;
	uint32_t event;
	uint32_t process_name, thread_name; // numbers of `names`
	uint32_t program; // row of the mapping of its main program, PROFILE_NONE
	uint32_t labels;  // row of the profile's label lists: what else tells it apart
};

// Owns the profile until tally_finish_take.
struct tally {
	struct profile *profile;
	struct profile_builder builder;
	const struct tally_event *events; // borrowed
	size_t event_count;
	struct str kernel_build_id; // "" unknown
	uint64_t kernel_text;       // address of its _text, 0 unknown
	struct map mapping_rows;    // file, offset and size -> row of mappings
	uint32_t kernel_row;        // PROFILE_NONE: not needed yet
	// What is known of each row of the profile's mappings, with the modules of the
	// code set; valid beyond tally_finish_take.
	struct symbolize_mapping *mappings;
	size_t mapping_capacity;
	struct tally_owner *owners;
	size_t owner_count, owner_capacity;
	struct map owner_rows;
	struct tally_count *counts;
	size_t count_count, count_capacity;
	struct map count_rows; // stack and owner -> row of counts
	uint32_t *locations;   // scratch
	size_t location_capacity;
	struct profile_label *labels; // scratch
	size_t label_capacity;
	uint64_t samples;
};

void tally_init(struct tally *tally, const struct tally_event *events, size_t count);
void tally_deinit(struct tally *tally);

// Gives a mapping its row in the profile.
void tally_add_mapping(struct tally *tally, struct space_set *spaces, struct space *space,
		       struct space_mapping *mapping);

// Counts one sample of the owner's event. A stack without user part is only what the
// kernel says.
void tally_add(struct tally *tally, struct space_set *spaces, struct space *space,
	       const struct perf_sample *sample, const struct space_stack *stack,
	       const struct tally_owner *owner);

// The finished profile, which the caller owns from then on: samples/count and a column
// for each event. Its first mapping, which readers take for the main program, is the one
// that the target spent most of its time in: a script that runs a program by exec is
// named by that program, a build by `make`. Samples are told apart by thread name where
// there is more than one
// ("thread"), by process where there is more than one ("process", "pid").
struct profile *tally_finish_take(struct tally *tally, const struct names *names,
				  int target_pid);
