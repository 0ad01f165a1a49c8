// The report formats by name: what each overrides, and who draws it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct error;
struct report;
struct report_options;
struct writer;

// What is computed; several names may share one.
enum report_kind {
	REPORT_CALLGRIND,
	REPORT_COMMENTS,
	REPORT_DISASM,
	REPORT_DOT,
	REPORT_FLAME,
	REPORT_FOLDED,
	REPORT_JSON,
	REPORT_LIST,
	REPORT_PROTO,
	REPORT_RAW,
	REPORT_TAGS,
	REPORT_TEXT,
	REPORT_TOPPROTO,
	REPORT_TRACES,
	REPORT_TREE,
	REPORT_WEBLIST,
};

struct report_format {
	const char *name; // of flag and shell command
	enum report_kind kind;
	bool has_symbol;      // takes the regexp or address it is about
	const char *suffix;   // of files for output that nobody reads as text, NULL: text
	const char *dot_type; // made from dot's output by `dot -T<type>`, NULL: not
	bool (*render)(struct report *report, struct writer *w, struct error *err);
	const char *help;
	// What shows it where no output is named: a command, "" a browser, NULL nothing.
	const char *viewer;
};

const struct report_format *report_format_table(size_t *count);

// NULL where there is no format of that name.
const struct report_format *report_format_find(struct str name);

// Sets what the format does not leave to the user: trimming, granularity, node count.
void report_format_override(const struct report_format *format,
			    struct report_options *options);
