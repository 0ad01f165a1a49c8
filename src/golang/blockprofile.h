// The runtime's profiles of waiting: for channels and the like (block), and of making
// others wait for a mutex (mutex).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/bucket.h"

struct error;
struct go_process;
struct profile;
struct writer;

enum blockprofile_kind { BLOCKPROFILE_BLOCK, BLOCKPROFILE_MUTEX };

struct blockprofile_record {
	const struct bucket *bucket;
	int64_t count, cycles;
};

struct blockprofile {
	enum blockprofile_kind kind;
	struct bucket_list buckets;
	struct blockprofile_record *records; // the longest waits first; in that arena
	size_t count;
	int64_t rate; // block: cycles of waiting for each sample; mutex: one in so many;
		      // 0: off
	int64_t cycles_per_second;
};

// Takes up to 100 ms where the program has not found out itself how fast its processor's
// counter runs (releases before 1.22).
bool blockprofile_read(const struct go_process *process, enum blockprofile_kind kind,
		       struct blockprofile *out, struct error *err)
	__attribute__((warn_unused_result));
// Leaves what came after an earlier reading of the same process.
void blockprofile_subtract(struct blockprofile *profile,
			   const struct blockprofile *before);
void blockprofile_deinit(struct blockprofile *profile);

// As /debug/pprof/block of the process gives it; the caller owns the result.
struct profile *blockprofile_create(struct go_process *process,
				    const struct blockprofile *source);

// As ?debug=1 writes it.
void blockprofile_write_text(struct go_process *process,
			     const struct blockprofile *source, struct writer *w);
