// goprof leaks: goroutines that can never run again.
#include "cmd/capture.h"
#include "cmd/command.h"

static const char usage[] =
	"usage: goprof leaks PID | NAME --snapshot | --stop [options] [report flags]\n"
	"       goprof leaks CORE [BINARY] [options] [report flags]\n"
	"       goprof leaks --seconds N --snapshot [options] -- COMMAND ARGS...\n"
	"\n"
	"Shows the goroutines of a Go program that are blocked for ever: on channels,\n"
	"mutexes and wait groups that nothing which can still run can reach. Works for\n"
	"all releases from Go 1.19 on. A leak may be missed where a stale value looks "
	"like\n"
	"a pointer to it.\n"
	"\n"
	"  --snapshot         the program is made to copy itself (clone), which takes "
	"it\n"
	"                     some milliseconds, and the copy is looked at\n"
	"  --stop             the program stands still while it is looked at\n"
	"  --seconds S        looks twice and shows those that only the second look "
	"finds\n"
	"  --stop-limit T     how long its threads may take to stand still (default 1s)\n"
	"  --debug=1, --debug=2, --state, --created-by, --label, -o FILE\n"
	"                     as for goprof goroutine\n"
	"\n"
	"The label created_by says who started them: -tags counts them by that. "
	"-base FILE\n"
	"subtracts what an earlier look wrote by -o. Report flags: goprof help flags.\n";

const struct command command_leaks = {
	.name = "leaks",
	.summary = "find goroutines of a Go program that can never run again",
	.usage = usage,
	.run = capture_run,
};
