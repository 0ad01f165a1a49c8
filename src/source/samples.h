// What perf's records come to, whoever wrote them: a live recording's rings or a file.
// The address spaces, names and program files that they tell of, and the tally of their
// samples.
#pragma once

#include <stdint.h>

#include "source/code.h"
#include "source/names.h"
#include "source/space.h"
#include "source/tally.h"

struct memory;
struct perf_record;

// Says what else tells a sample apart from those of other owners: a row of the tally's
// profile's label lists, 0: nothing. The stack is the user's, as walked.
struct samples_labeller {
	uint32_t (*row_of)(struct samples_labeller *labeller,
			   const struct perf_record *record,
			   const struct space_stack *stack);
};

struct samples {
	struct code_set codes;
	struct space_set spaces;
	struct names names;
	struct tally tally;
	struct samples_labeller *labeller; // borrowed, NULL: none
	uint64_t lost;
	uint64_t ends[UNWIND_BAD_FRAME + 1]; // walks by how they ended
	struct space_stack stack;            // of the sample taken last
};

// Room for samples of these events, which are borrowed. The codes are those of live
// processes or of a recording, as code_set_init was told.
void samples_init(struct samples *samples, enum code_origin origin,
		  const struct tally_event *events, size_t event_count);
void samples_deinit(struct samples *samples);

// Takes note of one record; they must come in the order of their times. A sample is
// walked through its copy of the stack where it has one, else along its chain.
void samples_take(struct samples *samples, const struct perf_record *record);

// A thread that stands still, and the memory of its process.
struct samples_thread {
	int pid;
	const struct memory *memory;
	struct unwind_registers registers;
};

// Counts where such a thread stands as one sample of the first event.
void samples_take_thread(struct samples *samples, const struct samples_thread *thread);

// Whether the sample brought a copy of the stack that was walked.
bool samples_is_walked(const struct perf_record *record);

// How many stacks do not reach their outermost frame.
uint64_t samples_truncated(const struct samples *samples);

// One warning for each program file that could not be read.
void samples_warn_of_missing_code(const struct samples *samples);
