// goprof heapdump: questions to a heap dump, one word each.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cmd/command.h"
#include "cmd/heapdump_answers.h"
#include "cmd/heapdump_request.h"
#include "cmd/heapdump_take.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: goprof heapdump QUESTION FILE [options]\n"
	"       goprof heapdump PID | CORE [BINARY] -o FILE [--snapshot | --stop]\n"
	"\n"
	"Reads a heap dump that debug.WriteHeapDump of a Go program or goprof wrote, "
	"and\n"
	"answers what takes the memory and what keeps it alive:\n"
	"\n"
	"  top FILE               objects by type: count, size, and what they retain\n"
	"  diff OLD NEW           the same for the growth from one dump to another\n"
	"  dominators FILE        the tree of what keeps what, its heavy part\n"
	"  paths FILE ADDR|NAME   shortest ways from the roots to an object, or to "
	"those\n"
	"                         of a type or site with NAME in it\n"
	"  profile FILE -o PROF   the dominator tree as a profile: any report of goprof\n"
	"                         shows it, such as goprof -flamegraph PROF\n"
	"  web FILE               all of it as pages to browse, on this machine only\n"
	"  unreachable FILE       lost blocks and garbage, as valgrind tells them "
	"apart;\n"
	"                         leaks FILE is the same\n"
	"\n"
	"  --by=type|site         what to tell objects apart by (types, where it has "
	"any)\n"
	"  --binary=FILE          the program, for the names of globals and types\n"
	"  --count=N              rows to show; 0: all (40)\n"
	"  --depth=N              levels of the dominator tree (8)\n"
	"  --json                 the same answer as JSON\n"
	"  --http=ADDR            where to serve the pages (a free port of localhost)\n"
	"  --no-browser           do not open a browser on them\n"
	"  -o FILE                write it there\n"
	"\n"
	"Of a live Go program or its core file it writes a dump: every object with its\n"
	"pointers, globals, stacks and registers. A graph is right only of a heap that\n"
	"does not change meanwhile; for how long the process stood still is said.\n"
	"\n"
	"Programs under libgoprof, with GOPROF=heap=1, write one of themselves when they "
	"are\nasked; they stand still for milliseconds.\n"
	"\n"
	"  --snapshot             make it copy itself (clone), and read the copy: it "
	"stands\n"
	"                         still for milliseconds, but runs a system call for it\n"
	"  --stop                 let it stand still until all is copied\n"
	"  --no-contents          pointers alone: what else is in the memory stays "
	"there\n"
	"  --stop-limit=T         for all threads to stand still (1s)\n";

struct question {
	const char *name;
	unsigned words;
	bool (*answer)(const struct heapdump_request *request, struct error *err);
};

static const struct question questions[] = {
	{ "top", 1, heapdump_answers_top },
	{ "diff", 2, heapdump_answers_diff },
	{ "dominators", 1, heapdump_answers_dominators },
	{ "paths", 2, heapdump_answers_paths },
	{ "unreachable", 1, heapdump_answers_unreachable },
	{ "leaks", 1, heapdump_answers_unreachable }, // as others call it
	{ "profile", 1, heapdump_answers_profile },
	{ "web", 1, heapdump_answers_web },
};

static const struct question *find_question(const char *name)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strcmp(questions[i].name, name) == 0)
			return &questions[i];
	}
	return NULL;
}

static bool answer(int argc, char **argv, struct error *err)
{
	const struct question *question;
	struct heapdump_request request;

	if (argc < 2)
		return error_set(err, ERROR_USAGE,
				 "heapdump wants a question and a file: try goprof help "
				 "heapdump");
	question = find_question(argv[1]);
	if (question == NULL)
		return heapdump_take(argc - 1, argv + 1, err);
	return heapdump_request_parse(argc - 1, argv + 1, question->words, &request,
				      err) &&
	       question->answer(&request, err);
}

static int run(int argc, char **argv)
{
	struct error err;

	if (answer(argc, argv, &err))
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_heapdump = {
	.name = "heapdump",
	.summary = "show what takes a heap's memory and what keeps it alive",
	.usage = usage,
	.run = run,
};
