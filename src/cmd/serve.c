// goprof serve: the endpoints of net/http/pprof for a program that serves nothing itself.
#include <stdio.h>

#include "base/error.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "report/options.h"
#include "target/process_find.h"
#include "web/site.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: goprof serve PID|NAME [--listen ADDR] [--pages] [--allow-gc]\n"
	"\n"
	"Answers under /debug/pprof/ as a Go program with net/http/pprof would, for a\n"
	"process that serves nothing itself: profile?seconds=, goroutine?debug=1|2, "
	"heap\n"
	"and the others that the process can give, and gctrace and schedtrace as lines "
	"that\n"
	"come as things happen. `go tool pprof http://ADDR/debug/pprof/profile` and "
	"scrapers\n"
	"take profiles from it. Nothing is written into the process.\n"
	"\n"
	"  --listen ADDR    [HOST]:PORT or unix:PATH (default: localhost:6060)\n"
	"  --pages          serve the pages of goprof web as well\n"
	"  --allow-gc       let gc=1 make a Go program collect its garbage first\n"
	"  --command-line   show the arguments of the process, which may hold secrets\n"
	"\n"
	"Beyond localhost it asks for the token it prints, as ?token= or as a bearer\n"
	"token. At most 4 captures run at once. Ctrl-C ends it.\n";

struct serve {
	const char *target;
	struct site_options site;
	bool has_pages;
};

static void tell(void *context, const char *url)
{
	const struct site_options *site = context;

	fprintf(stderr, "Serving profiles of process %d on %s\n", site->pid, url);
}

static bool take_word(struct serve *serve, int argc, char **argv, int *at,
		      struct error *err)
{
	if (option_word_value(argc, argv, at, "listen", &serve->site.listen))
		return serve->site.listen != NULL ||
		       error_set(err, ERROR_USAGE, "--listen wants [HOST]:PORT");
	if (option_word_switch(argv, at, "pages", &serve->has_pages) ||
	    option_word_switch(argv, at, "allow-gc", &serve->site.may_collect) ||
	    option_word_switch(argv, at, "command-line", &serve->site.shows_command_line))
		return true;
	if (argv[*at][0] == '-')
		return error_set(err, ERROR_USAGE,
				 "%s: no such option: try goprof help serve", argv[*at]);
	if (serve->target != NULL)
		return error_set(err, ERROR_USAGE, "%s: one process at a time",
				 argv[*at]);
	serve->target = argv[(*at)++];
	return true;
}

static bool parse(struct serve *serve, int argc, char **argv, struct error *err)
{
	for (int at = 1; at < argc;) {
		if (!take_word(serve, argc, argv, &at, err))
			return false;
	}
	if (serve->target == NULL)
		return error_set(err, ERROR_USAGE,
				 "serve wants a process: its id or its name");
	return process_find(serve->target, &serve->site.pid, err);
}

static int run(int argc, char **argv)
{
	struct serve serve = {
		.site = { .listen = "localhost:6060",
			  .defaults = report_options_default(),
			  .is_live = true,
			  .is_ready = tell },
	};
	struct error err = { 0 };

	serve.site.context = &serve.site;
	if (!parse(&serve, argc, argv, &err)) {
		fprintf(stderr, "goprof: %s\n", err.text);
		return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
	}
	serve.site.has_no_pages = !serve.has_pages;
	if (site_run_take(&serve.site, NULL, &err))
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_serve = {
	.name = "serve",
	.summary = "net/http/pprof's endpoints for a process that has none",
	.usage = usage,
	.run = run,
};
