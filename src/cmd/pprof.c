// pprof's grammar: flags and sources in any order, no command word.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/command.h"
#include "cmd/pprof_load.h"
#include "cmd/report_flags.h"
#include "cmd/serve_pages.h"
#include "cmd/shell.h"
#include "profile/profile.h"

enum { EXIT_USAGE = 2 };

static bool refuse_unknown(const char *word, struct error *err)
{
	const char *near = report_flags_suggest(word);

	if (near != NULL)
		return error_set(err, ERROR_USAGE,
				 "flag provided but not defined: %s; did you mean -%s?",
				 word, near);
	return error_set(err, ERROR_USAGE,
			 "flag provided but not defined: %s; see `goprof help`", word);
}

static bool parse(int argc, char **argv, struct report_flags *flags, struct error *err)
{
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0) {
		switch (report_flags_take(flags, argc, argv, &at, err)) {
		case REPORT_FLAG_TAKEN:
			break;
		case REPORT_FLAG_NONE:
			report_flags_add_source(flags, argv[at++]);
			break;
		case REPORT_FLAG_UNKNOWN:
			return refuse_unknown(argv[at], err);
		case REPORT_FLAG_WRONG:
			return false;
		}
	}
	for (at++; at < argc; at++)
		report_flags_add_source(flags, argv[at]);
	if (!report_flags_finish(flags, err))
		return false;
	if (flags->request.source_count == 0)
		return error_set(err, ERROR_USAGE,
				 "no profile source specified; see `goprof help`");
	return true;
}

static bool run(const struct report_request *request, struct error *err)
{
	struct profile *profile = NULL;
	bool is_done = true;

	if (!pprof_load(request, &profile, err))
		return false;
	if (request->http != NULL)
		return serve_pages_take(request, profile, err);
	if (request->format == NULL)
		shell_run(profile, request);
	else
		is_done = report_request_run(profile, request, err);
	profile_destroy(profile);
	return is_done;
}

int pprof_run(int argc, char **argv)
{
	struct report_flags flags = report_flags_default();
	struct error err = { 0 };
	int status = EXIT_SUCCESS;

	if (!parse(argc, argv, &flags, &err) || !run(&flags.request, &err)) {
		fprintf(stderr, "goprof: %s\n", err.text);
		status = err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILURE;
	}
	report_flags_deinit(&flags);
	return status;
}
