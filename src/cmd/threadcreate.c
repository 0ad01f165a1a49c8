// goprof threadcreate: what made the threads of a Go program.
#include "cmd/capture.h"
#include "cmd/command.h"

static const char usage[] =
	"usage: goprof threadcreate PID | NAME | CORE [BINARY] [options] [report flags]\n"
	"       goprof threadcreate --seconds N [options] -- COMMAND ARGS...\n"
	"\n"
	"Shows the threads of a Go program by the stacks that made them, as the runtime\n"
	"has noted them; newer releases of Go note them for few threads.\n"
	"A program that libgoprof records is asked for its own (goprof help run).\n"
	"\n"
	"  --debug=1          as /debug/pprof/threadcreate?debug=1\n"
	"  -o FILE            write the profile (gzipped profile.proto), the text, or "
	"the\n"
	"                     report if a report flag names its format\n"
	"\n"
	"Report flags: goprof help flags.\n";

const struct command command_threadcreate = {
	.name = "threadcreate",
	.summary = "show what made the threads of a Go program",
	.usage = usage,
	.run = capture_run,
};
