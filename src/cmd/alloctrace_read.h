// Reads an allocation trace and writes what was asked for.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;

enum alloctrace_form {
	ALLOCTRACE_EVENTS, // and then the faults
	ALLOCTRACE_TOTAL,
	ALLOCTRACE_FAULTS,
	ALLOCTRACE_PROFILE, // into the file `output`
};

struct alloctrace_read_options {
	enum alloctrace_form form;
	bool is_json;
	uint64_t min_size, max_size; // of events that are shown
	uint64_t rate;               // one allocation in so many, and its free
	const char *focus;           // regexp of a function on the stack, NULL: any
	const char *output;
};

// To stdout, except for the profile.
bool alloctrace_read(const char *path, const struct alloctrace_read_options *options,
		     struct error *err) __attribute__((warn_unused_result));
