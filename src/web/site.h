// The pages on profiles and live processes, served to browsers and scrapers.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "report/options.h"

struct error;
struct profile;

struct site_options {
	const char *listen;    // for http_listen
	const char *ui_folder; // src/ of the source tree, NULL: the embedded files
	struct report_options defaults; // of every report; addresses override them
	int pid;                        // the process that may be captured, 0: any
	bool is_live;                   // captures are offered at all
	bool has_no_pages;              // the endpoints of net/http/pprof alone
	bool shows_command_line;        // whole, to whoever may ask
	bool may_collect;               // gc=1 makes a Go program collect its garbage

	// Told once when clients may come; url has the token where there is one.
	void (*is_ready)(void *context, const char *url);
	void *context;
};

// Serves until SIGINT or SIGTERM. The profile (NULL: none yet) is taken over.
bool site_run_take(const struct site_options *options, struct profile *profile,
		   struct error *err) __attribute__((warn_unused_result));
