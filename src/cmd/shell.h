// pprof's shell: one profile, many reports.
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "cmd/report_request.h"

struct profile;

// What lives from the first command to the last. The profile is never changed: reports
// filter a copy that the kernel makes of it (see shell_report.h).
struct shell {
	struct profile *profile;        // borrowed
	struct report_request settings; // what each command starts from
	struct arena arena;             // the words in settings
};

// Reads commands from standard input until it ends or one of them is "quit". Settings
// start as those of the command line. Reports go to stdout, talk to stderr.
void shell_run(struct profile *profile, const struct report_request *request);
