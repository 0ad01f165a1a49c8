// pprof's flags, one at a time, so that any command can take them beside its own.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "cmd/report_request.h"

struct error;

// Reads flags into a request. Grammar: -flag, --flag, -flag=value, -flag value; a truth
// value takes its value only behind '='.
struct report_flags {
	struct report_request request; // owned by the caller after report_flags_finish
	unsigned formats;              // how many were named
	unsigned sorts, granularities; // a bit for each choice that was named
	unsigned legacy;               // likewise of -inuse_space and its kind
};

enum report_flag_outcome {
	REPORT_FLAG_TAKEN,
	REPORT_FLAG_NONE,    // the word is no flag at all
	REPORT_FLAG_UNKNOWN, // a flag that reports do not have
	REPORT_FLAG_WRONG,   // err says what is wrong with its value
};

struct report_flags report_flags_default(void);
void report_flags_deinit(struct report_flags *flags);

// Offers argv[*at], a word of argc. On REPORT_FLAG_TAKEN *at is behind the flag and its
// value; otherwise it is unchanged. "-" alone and what follows "--" are no flags; "--" is
// the caller's to see.
enum report_flag_outcome report_flags_take(struct report_flags *flags, int argc,
					   char **argv, int *at, struct error *err);

// Adds a word that is no flag to the sources.
void report_flags_add_source(struct report_flags *flags, const char *word);

// Checks what only shows when all flags are read: several formats, sorts, bases.
bool report_flags_finish(struct report_flags *flags, struct error *err)
	__attribute__((warn_unused_result));

// The flag or format closest to an unknown one, NULL where none is near.
const char *report_flags_suggest(const char *word);

// One flag as help, the man page and completion show it.
struct report_flag_row {
	const char *name;
	const char *value; // a word for what it takes, NULL: nothing
	const char *help;
	bool is_report; // names a report; one at most may be given
};

struct report_flag_visitor {
	void (*visit)(struct report_flag_visitor *visitor,
		      const struct report_flag_row *row);
};

// Shows every flag there is: reports, then options, then the flags of the command line.
void report_flags_visit(struct report_flag_visitor *visitor);
