// goprof wall: where the goroutines of a Go program spend their time, running or not.
#include "cmd/capture.h"
#include "cmd/command.h"

static const char usage[] =
	"usage: goprof wall PID | NAME [options] [report flags]\n"
	"       goprof wall [options] [report flags] -- COMMAND ARGS...\n"
	"\n"
	"Looks at all goroutines of a Go program many times a second, and adds up how "
	"long\n"
	"each stack was there: running, waiting for what, or ready to run. The program "
	"is\n"
	"neither stopped nor changed. Samples carry the label state: see -tags, "
	"-tagfocus.\n"
	"Ctrl-C ends the recording and still reports.\n"
	"\n"
	"  --seconds S        how long (default 10, a command until it ends)\n"
	"  --rate HZ          looks a second (default 100)\n"
	"  --hide-idle        leave out goroutines that did not run at all meanwhile\n"
	"  -o FILE            write the profile (gzipped profile.proto), or the report "
	"if a\n"
	"                     report flag names its format\n"
	"\n"
	"Running goroutines are counted, but only goprof cpu knows their stacks. Report\n"
	"flags: goprof help flags.\n";

const struct command command_wall = {
	.name = "wall",
	.summary = "profile the time of all goroutines, running or not",
	.usage = usage,
	.run = capture_run,
};
