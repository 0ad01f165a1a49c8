// The runtime's own profile of memory, as it stands in a process.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/bucket.h"

struct error;
struct go_process;

// Objects of one size, allocated by one stack, as sampled: not scaled up.
struct memprofile_record {
	const struct bucket *bucket;
	int64_t object_size, allocs, frees; // frees <= allocs
};

// What to count. The runtime publishes what was allocated only after a collection has
// told what is left of it, so that its own profile is as of the last but one.
enum memprofile_moment {
	MEMPROFILE_PUBLISHED, // what runtime/pprof gives
	MEMPROFILE_LIVE,      // and all that was sampled since
};

struct memprofile {
	struct bucket_list buckets;
	struct memprofile_record *records; // in the buckets' arena
	size_t count;
	int64_t rate; // bytes allocated for each sample, 0: nothing is sampled now
	// The linker found that the program never asks for this profile, so that it was
	// off from the start.
	bool is_disabled;
	bool is_settled; // two readings agreed
};

bool memprofile_read(const struct go_process *process, enum memprofile_moment moment,
		     struct memprofile *out, struct error *err)
	__attribute__((warn_unused_result));
// Leaves what came after an earlier reading of the same process.
void memprofile_subtract(struct memprofile *profile, const struct memprofile *before);
void memprofile_deinit(struct memprofile *profile);
