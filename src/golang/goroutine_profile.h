// Goroutines as a profile: one sample for each distinct stack, counted.
#pragma once

#include "golang/goroutine_labels.h"
#include "golang/goroutines.h"
#include "golang/profile_code.h"
#include "profile/builder.h"

struct goroutine_facts;
struct profile;

// Samples carry the goroutine's own labels and "state", as Go words it. A goroutine that
// was running, or whose stack could not be read, is a stack of one frame named so. With
// origins, "created_by" says where it was started: "main.serve main.go:12".
struct goroutine_profile {
	struct goroutine_visitor visitor;
	struct go_process *process;
	const struct goroutine_facts *facts;
	struct profile *profile; // owned until goroutine_profile_finish_take
	struct profile_builder builder;
	bool has_origins;
	struct profile_code code;
	struct goroutine_labels labels;
	uint32_t *locations; // scratch
	size_t location_capacity;
};

// What the samples count.
enum goroutine_profile_kind {
	GOROUTINE_PROFILE_COUNT,   // goroutine/count
	GOROUTINE_PROFILE_ORIGINS, // the same, with origins
	GOROUTINE_PROFILE_WALL,    // samples/count, wall/nanoseconds
};

void goroutine_profile_init(struct goroutine_profile *self, struct go_process *process,
			    const struct goroutine_facts *facts,
			    enum goroutine_profile_kind kind);
void goroutine_profile_deinit(struct goroutine_profile *self);

// The rows of a goroutine's stack and of its labels, added when new.
uint32_t goroutine_profile_stack(struct goroutine_profile *self,
				 const struct goroutine *goroutine);
uint32_t goroutine_profile_labels(struct goroutine_profile *self,
				  const struct goroutine *goroutine);

// The profile, which is the caller's from then on; counts go into its comments.
struct profile *goroutine_profile_finish_take(struct goroutine_profile *self,
					      const struct goroutine_counts *counts);
