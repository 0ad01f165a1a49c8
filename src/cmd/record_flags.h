// Recording as commands offer it: its options, its progress, what to say about its
// result.
#pragma once

#include <stdbool.h>

struct error;
struct profile;
struct record_options;
struct record_result;
struct source_spec;

// Takes argv[*at] where it is an option of recording; *is_taken tells.
bool record_flags_take(struct record_options *options, int argc, char **argv, int *at,
		       bool *is_taken, struct error *err)
	__attribute__((warn_unused_result));

// record_cpu, with progress on a terminal; then says on stderr what a reader of the
// profile must know, such as why it is empty.
bool record_flags_run(const struct source_spec *source,
		      const struct record_options *options, struct record_result *out,
		      struct error *err) __attribute__((warn_unused_result));

// Writes a profile as gzipped profile.proto; "-" is stdout. The file appears complete or
// not at all.
bool record_flags_write(const struct profile *profile, const char *path,
			struct error *err) __attribute__((warn_unused_result));
