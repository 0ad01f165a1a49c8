// The runtime's profile of memory as a profile of ours and as Go's text, equal to what
// /debug/pprof/heap of the process itself gives.
#pragma once

#include <stdint.h>

struct go_process;
struct memprofile;
struct memstats;
struct profile;
struct writer;

// Which of the four columns is meant when nothing is said: heap and allocs differ in
// nothing else.
enum heap_profile_view { HEAP_PROFILE_INUSE, HEAP_PROFILE_ALLOC };

// The caller owns the result. Values are scaled up from the samples.
struct profile *heap_profile_create(struct go_process *process,
				    const struct memprofile *source,
				    enum heap_profile_view view);

// As ?debug=1 writes it: sampled values, not scaled up.
void heap_profile_write_text(struct go_process *process, const struct memprofile *source,
			     const struct memstats *stats, uint64_t max_rss,
			     struct writer *w);
