// Writes profiles out of the process, on memory of our own.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "recorder/text.h"

struct error;
struct recording;
struct recording_profile;
struct writer;

// A profile by its name ("heap", "profile", ..., or a custom one) as gzipped
// profile.proto. An empty profile is written like any other. Not for signal handlers.
bool write_to_fd(struct str name, int fd, struct error *err)
	__attribute__((warn_unused_result));

// The same into a writer, of a recording that may be a copy of this process's; NULL:
// there is none yet.
bool write_to_writer(struct str name, const struct recording *recording,
		     struct writer *out, struct error *err)
	__attribute__((warn_unused_result));

// The text of a profile (see text.h) into a writer; recording as above.
struct write_text {
	const struct recording_profile *profile;
	struct str name; // of a custom profile, else empty
	enum text_level level;
};

bool write_text_to_writer(const struct write_text *wish,
			  const struct recording *recording, struct writer *out,
			  struct error *err) __attribute__((warn_unused_result));

// The same into a file, which appears complete or not at all; "%p" in its path stands for
// the process id.
bool write_to_file(struct str name, struct str path, struct error *err)
	__attribute__((warn_unused_result));

// Any other bytes into a file, in the same way.
typedef bool write_fn(int fd, const void *context, struct error *err);

bool write_file(struct str path, write_fn *write_fd, const void *context,
		struct error *err) __attribute__((warn_unused_result));

// A path with the process id in place of "%p"; false where it does not fit.
bool write_expand_path(struct str path, char *out, size_t size);

// Into all files that the environment names; says on stderr what failed. `sp` is as in
// heap_dump.h.
void write_outputs(uint64_t sp);
