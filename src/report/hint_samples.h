// Sorts the samples of a profile by topic: the loop that all readings of stacks share.
#pragma once

#include "report/hint_match.h"
#include "report/hint_sets.h"
#include "report/hint_tally.h"

struct hints;

// What a kind of profile decides for itself. `context` is the reading's own.
struct hint_rules {
	const struct hint_set_list *topics;
	void *context;
	struct hint_amount (*amount_of)(const void *context, const int64_t *values);
	// The frame that decides the topic, or the number of frames.
	size_t (*deciding_frame)(const struct hint_match *topics,
				 const struct hint_stack *stack);
	// Told of each sample that has a topic; may be NULL.
	void (*also)(void *context, enum hint_topic topic,
		     const struct hint_caller *caller, struct hint_amount amount);
};

// Owns its tables.
struct hint_samples {
	struct hint_match topics, plumbing;
	struct hint_stack stack; // of the sample being read
	struct hint_tally total, unmatched;
	struct hint_tally by_topic[HINT_TOPIC_COUNT];
};

// Reads all samples whose amount is above 0, and tells hints its total and the share that
// no topic claims.
void hint_samples_read(struct hint_samples *samples, struct hints *hints,
		       const struct hint_rules *rules);
void hint_samples_deinit(struct hint_samples *samples);
