// Stops the threads of a process again and again, walks their stacks and checks each
// step against the code: a return address follows a call of the function below it.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sampler_result {
	size_t walks, complete, ends[5];
	size_t edges; // direct calls found before return addresses
	size_t wrong; // those that call something else than the frame below
};

// Runs the command for `rounds` rounds of all its threads, then kills it.
struct sampler_result sampler_run(const char **argv, size_t rounds);
