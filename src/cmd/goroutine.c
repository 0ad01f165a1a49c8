// goprof goroutine: the goroutines of a Go program.
#include "cmd/capture.h"
#include "cmd/command.h"

static const char usage[] =
	"usage: goprof goroutine PID | NAME | CORE [BINARY] [options] [report flags]\n"
	"       goprof goroutine --seconds N [options] -- COMMAND ARGS...\n"
	"\n"
	"Shows all goroutines of a Go program with their stacks, grouped by stack, or "
	"as\n"
	"any report. The program is neither stopped nor changed: each stack is read\n"
	"between two equal readings of its goroutine, and one that is not says so.\n"
	"\n"
	"  --debug=2          each goroutine, as a Go program prints them when it "
	"crashes\n"
	"  --debug=1          stacks with their counts, as "
	"/debug/pprof/goroutine?debug=1\n"
	"  --state REGEXP     only those in such a state: 'chan receive', 'IO "
	"wait|select'\n"
	"  --waiting-over T   only those blocked for longer than 5m, 90s, ...; the "
	"runtime\n"
	"                     knows since the first garbage collection that met them\n"
	"  --created-by REGEXP  only those started by such a function\n"
	"  --label KEY[=VALUE]  only those with such a label\n"
	"  --sample           watch for 20 ms where its threads run (perf), so that "
	"running\n"
	"                     goroutines have the stack of that moment, without a stop\n"
	"  --stop             stop the program for it: running goroutines have stacks "
	"then,\n"
	"                     and all is of one moment; how long it took is said\n"
	"  --stop-limit T     give up and let it go on after so long (default 50ms)\n"
	"  --system           also the goroutines that the runtime keeps for itself\n"
	"  -o FILE            write the profile (gzipped profile.proto), the text, or "
	"the\n"
	"                     report if a report flag names its format\n"
	"\n"
	"Needs the right to read its memory: its user with kernel.yama.ptrace_scope=0, "
	"or\n"
	"root. Report flags: goprof help flags.\n";

const struct command command_goroutine = {
	.name = "goroutine",
	.summary = "show the goroutines of a Go program, from outside",
	.usage = usage,
	.run = capture_run,
};
