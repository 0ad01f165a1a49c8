// Whose goroutine each CPU sample of a Go program is, and its labels (runtime/pprof.Do).
// The kernel does not know goroutines, so they are read as soon as a sample is there,
// some microseconds after it. Samples whose goroutine cannot be trusted stay without.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct attach;
struct profile;
struct samples;

struct sample_goroutines;

// Labels samples of that process from now on; `samples` must live as long.
struct sample_goroutines *sample_goroutines_create(struct samples *samples, int pid);
void sample_goroutines_destroy(struct sample_goroutines *goroutines);

// Whether the process is known to run a Go program. A command becomes one some time after
// it was started: asking is cheap, and tries again now and then.
bool sample_goroutines_is_go(struct sample_goroutines *goroutines);

// Reads the goroutines of the samples that are new, which should be done as soon as one
// is there.
void sample_goroutines_look(struct sample_goroutines *goroutines, struct attach *attach);

// Forgets what was looked at of samples up to that time.
void sample_goroutines_forget(struct sample_goroutines *goroutines, uint64_t until_ns);

// Adds a comment that says how many samples have a goroutine, and how late it was read.
void sample_goroutines_comment(struct sample_goroutines *goroutines,
			       struct profile *profile);
