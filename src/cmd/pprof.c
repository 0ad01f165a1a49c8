// pprof's grammar: flags and sources in any order, no command word.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/report_flags.h"
#include "profile/profile.h"
#include "source/source.h"

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

static bool is_program(const char *path)
{
	CLEANUP_FILE FILE *file = fopen(path, "rbe");
	char magic[4];

	return file != NULL && fread(magic, 1, 4, file) == 4 &&
	       memcmp(magic,
		      "\x7f"
		      "ELF",
		      4) == 0;
}

// Reads each source and merges them; those that fail are named and left out.
static bool read_all(const char **paths, size_t count, const char *what,
		     struct profile **out, struct error *err)
{
	struct profile *profile = NULL;
	size_t good = 0;

	for (size_t i = 0; i < count; i++) {
		struct profile *next = NULL;

		if (!source_read_file(paths[i], &next, err)) {
			log_warn("%s", err->text);
			continue;
		}
		if (profile != NULL) {
			profile_destroy(next);
			continue;
		}
		profile = next;
		good++;
	}
	if (profile == NULL)
		return error_set(err, ERROR_NOT_FOUND, "failed to fetch any %s profiles",
				 what);
	if (good < count)
		log_warn("Fetched %zu %s profiles out of %zu", good, what, count);
	*out = profile;
	return true;
}

static bool run(const struct report_request *request, struct error *err)
{
	struct profile *profile = NULL;
	size_t first = request->source_count > 1 && is_program(request->sources[0]);
	bool is_done;

	if (!read_all(request->sources + first, request->source_count - first, "source",
		      &profile, err))
		return false;
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
