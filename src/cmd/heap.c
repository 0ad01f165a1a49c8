// goprof heap, goprof allocs: the memory profile that a Go program keeps of itself.
#include "cmd/capture.h"
#include "cmd/command.h"

// clang-format off
#define OPTIONS \
	"  --enable[=RATE]    sample while the capture lasts, one allocation in RATE bytes\n" \
	"                     (524288): for programs whose memory profile is off. Writes the\n" \
	"                     rate into the program's memory, and the old one back\n" \
	"  --seconds N        with --enable for so long (10, or until Ctrl-C); else what came\n" \
	"                     in N seconds\n" \
	"  --gc               make the program collect garbage before, twice, by a write of\n" \
	"                     one byte\n" \
	"  --live             also what was allocated since the last collections; Go's own\n" \
	"                     profile is as of the last one that is complete\n" \
	"  --debug=1          sampled values as text, as /debug/pprof/heap?debug=1, with\n" \
	"                     runtime.MemStats below\n" \
	"  -o FILE            write the profile (gzipped profile.proto), the text, or the\n" \
	"                     report if a report flag names its format\n" \
	"\n" \
	"Needs the right to read its memory: its user with kernel.yama.ptrace_scope=0, or\n" \
	"root. Report flags: goprof help flags.\n"

static const char heap_usage[] =
	"usage: goprof heap PID | NAME | CORE [BINARY] [options] [report flags]\n"
	"       goprof heap --seconds N [options] -- COMMAND ARGS...\n"
	"\n"
	"Shows what a Go program has in memory, by the stacks that allocated it: the profile\n"
	"that the Go runtime keeps, read from outside, equal to the program's own\n"
	"/debug/pprof/heap. The program is neither stopped nor changed.\n"
	"A program that libgoprof records is asked for its own (goprof help run).\n"
	"\n"
	OPTIONS;

static const char allocs_usage[] =
	"usage: goprof allocs PID | NAME | CORE [BINARY] [options] [report flags]\n"
	"       goprof allocs --seconds N [options] -- COMMAND ARGS...\n"
	"\n"
	"Shows all that a Go program has ever allocated, by stacks: the same profile as goprof\n"
	"heap, with alloc_space shown first.\n"
	"A program that libgoprof records is asked for its own (goprof help run).\n"
	"\n"
	OPTIONS;
// clang-format on

const struct command command_heap = {
	.name = "heap",
	.summary = "show what a Go program has in memory, from outside",
	.usage = heap_usage,
	.run = capture_run,
};

const struct command command_allocs = {
	.name = "allocs",
	.summary = "show what a Go program has allocated, from outside",
	.usage = allocs_usage,
	.run = capture_run,
};
