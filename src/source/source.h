// From what a user names to a profile: the grammar of sources lives here and nowhere
// else.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;
struct profile;

enum source_kind {
	SOURCE_FILE,    // a path that exists, or "-" for stdin
	SOURCE_PROCESS, // a process id or name
	SOURCE_COMMAND, // the words behind "--"
};

struct source_spec {
	enum source_kind kind;
	struct str name;      // as the user wrote it
	int pid;              // of SOURCE_PROCESS
	char *const *command; // of SOURCE_COMMAND: NULL-terminated argv
};

// Decides what a word means: an existing file, else the id or the name of a process.
bool source_parse(const char *word, struct source_spec *out, struct error *err)
	__attribute__((warn_unused_result));

// Decodes bytes of any input format there is. Errors as of input_decode.
bool source_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));

// Reads a profile from a file: any input format there is.
bool source_read_file(const char *path, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
