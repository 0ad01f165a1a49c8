// One report as a user asked for it: sources, options, format, where to.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/options.h"
#include "source/fetch.h"

struct error;
struct profile;
struct report;
struct report_format;

// Filled by report_flags.h. Strings are words of argv.
struct report_request {
	const struct report_format *format; // NULL: none was named
	struct report_options options;
	const char *output;   // NULL: stdout
	bool is_aside;        // with no output: stderr
	const char **sources; // words that are no flags; owned, as is bases
	size_t source_count, source_capacity;
	const char **bases;
	size_t base_count, base_capacity;
	bool is_diff_base;
	const char *symbolize; // pprof's -symbolize, "" default
	const char *tools;     // pprof's folders of binutils, of no use here
	const char *build_id, *comment;
	int64_t seconds, timeout_seconds; // -1: not given
	const char *http;                 // where to serve pages, NULL: nowhere
	const char *ui_folder;            // of the pages' files, NULL: the embedded ones
	bool no_browser;
	bool is_in_shell;           // pictures go to files, wherever stdout leads
	struct fetch_options fetch; // its headers are owned
};

void report_request_deinit(struct report_request *request);

// Filters the profile in place, computes the report and writes it to stdout or to the
// output file, which appears complete or not at all; a page without an output file goes
// to the browser. No format means top. Says on stderr when names are missing or nothing
// is left to show.
bool report_request_run(struct profile *profile, const struct report_request *request,
			struct error *err) __attribute__((warn_unused_result));

// Says on stderr when names are missing: with each report, and once in the shell.
void report_request_tell_names(const struct report *report);
