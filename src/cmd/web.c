// goprof web: pages on a profile, on a process, or on what runs here.
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/pprof_load.h"
#include "cmd/report_flags.h"
#include "cmd/serve_pages.h"
#include "profile/profile.h"
#include "source/source.h"
#include "web/site.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: goprof web [options] [report flags] SOURCE...\n"
	"       goprof web [options] PID\n"
	"       goprof web [options]\n"
	"\n"
	"Opens a browser on a profile (a file, a URL), on a running process, of which\n"
	"profiles are taken at a click, or on a list of the processes that run here.\n"
	"`goprof -http=[HOST]:PORT SOURCE` is the first of these in pprof's words.\n"
	"\n"
	"  --listen ADDR    [HOST]:PORT or unix:PATH (default: a free port of "
	"localhost)\n"
	"  --no-browser     print the address only\n"
	"  --ui-dir DIR     take the pages' files from DIR, a source tree's src/\n"
	"\n"
	"Beyond localhost the server asks for the token in the address it prints. "
	"Ctrl-C\n"
	"ends it. Report flags set what the pages start from: goprof help flags.\n";

struct web {
	struct report_flags flags;
	struct source_spec process;
	bool has_process;
};

static bool take_own_option(struct web *web, int argc, char **argv, int *at,
			    bool *is_taken, struct error *err)
{
	struct report_request *request = &web->flags.request;

	*is_taken = true;
	if (option_word_value(argc, argv, at, "listen", &request->http))
		return request->http != NULL ||
		       error_set(err, ERROR_USAGE, "--listen wants [HOST]:PORT");
	if (option_word_value(argc, argv, at, "ui-dir", &request->ui_folder))
		return request->ui_folder != NULL ||
		       error_set(err, ERROR_USAGE, "--ui-dir wants a folder");
	*is_taken = option_word_switch(argv, at, "no-browser", &request->no_browser);
	return true;
}

static bool take_word(struct web *web, int argc, char **argv, int *at, struct error *err)
{
	bool is_taken;

	if (!take_own_option(web, argc, argv, at, &is_taken, err))
		return false;
	if (is_taken)
		return true;
	switch (report_flags_take(&web->flags, argc, argv, at, err)) {
	case REPORT_FLAG_TAKEN:
		return true;
	case REPORT_FLAG_WRONG:
		return false;
	case REPORT_FLAG_UNKNOWN:
		return error_set(err, ERROR_USAGE,
				 "%s: no such option: try goprof help web", argv[*at]);
	case REPORT_FLAG_NONE:
		break;
	}
	report_flags_add_source(&web->flags, argv[(*at)++]);
	return true;
}

// A single word of digits that is no file is a process.
static bool find_process(struct web *web, struct error *err)
{
	const struct report_request *request = &web->flags.request;
	const char *word = request->source_count == 1 ? request->sources[0] : "";

	if (word[0] == '\0' || strspn(word, "0123456789") != strlen(word))
		return true;
	if (!source_parse(word, &web->process, err))
		return false;
	web->has_process = web->process.kind == SOURCE_PROCESS;
	return true;
}

static bool parse(struct web *web, int argc, char **argv, struct error *err)
{
	struct report_request *request = &web->flags.request;

	for (int at = 1; at < argc;) {
		if (!take_word(web, argc, argv, &at, err))
			return false;
	}
	if (request->http == NULL)
		request->http = ":0";
	return report_flags_finish(&web->flags, err) && find_process(web, err);
}

static bool serve(struct web *web, struct error *err)
{
	const struct report_request *request = &web->flags.request;
	struct profile *profile = NULL;
	struct site_options options;

	serve_pages_options(request, &options);
	options.is_live = web->has_process || request->source_count == 0;
	options.pid = web->has_process ? web->process.pid : 0;
	if (!options.is_live && !pprof_load(request, &profile, err))
		return false;
	return site_run_take(&options, profile, err);
}

static int run(int argc, char **argv)
{
	struct web web = { .flags = report_flags_default() };
	struct error err = { 0 };
	int status = 0;

	if (!parse(&web, argc, argv, &err) || !serve(&web, &err)) {
		fprintf(stderr, "goprof: %s\n", err.text);
		status = err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
	}
	report_flags_deinit(&web.flags);
	return status;
}

const struct command command_web = {
	.name = "web",
	.summary = "pages on a profile or on running processes, in the browser",
	.usage = usage,
	.run = run,
};
