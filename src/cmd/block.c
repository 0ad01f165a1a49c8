// goprof block, goprof mutex: where a Go program waits, and makes others wait.
#include "cmd/capture.h"
#include "cmd/command.h"

// clang-format off
#define OPTIONS(kind) \
	"  --enable[=RATE]    sample while the capture lasts: all, or as the runtime's own\n" \
	"                     function takes it. Writes the rate into the program's memory,\n" \
	"                     and the old one back\n" \
	"  --seconds N        with --enable for so long (10, or until Ctrl-C); else what came\n" \
	"                     in N seconds\n" \
	"  --debug=1          text as /debug/pprof/" kind "?debug=1 writes it\n" \
	"  -o FILE            write the profile (gzipped profile.proto), the text, or the\n" \
	"                     report if a report flag names its format\n" \
	"\n" \
	"Needs the right to read its memory: its user with kernel.yama.ptrace_scope=0, or\n" \
	"root. Report flags: goprof help flags.\n"

static const char block_usage[] =
	"usage: goprof block PID | NAME | CORE [BINARY] [options] [report flags]\n"
	"       goprof block --seconds N [options] -- COMMAND ARGS...\n"
	"\n"
	"Shows where goroutines waited for channels, select, mutexes and the like, as the Go\n"
	"runtime has counted it since the program called runtime.SetBlockProfileRate. The\n"
	"program is neither stopped nor changed. A C or C++ program that libgoprof records\n"
	"answers for itself: PID, or HOST:PORT where it listens; see goprof help run.\n"
	"\n"
	OPTIONS("block");

static const char mutex_usage[] =
	"usage: goprof mutex PID | NAME | CORE [BINARY] [options] [report flags]\n"
	"       goprof mutex --seconds N [options] -- COMMAND ARGS...\n"
	"\n"
	"Shows who held mutexes that others waited for, as the Go runtime has counted it since\n"
	"the program called runtime.SetMutexProfileFraction. The program is neither stopped\n"
	"nor changed. A C or C++ program that libgoprof records answers for itself: PID, or\n"
	"HOST:PORT where it listens; see goprof help run.\n"
	"\n"
	OPTIONS("mutex");
// clang-format on

const struct command command_block = {
	.name = "block",
	.summary = "show where a Go program waits, from outside",
	.usage = block_usage,
	.run = capture_run,
};

const struct command command_mutex = {
	.name = "mutex",
	.summary = "show which locks of a Go program others wait for, from outside",
	.usage = mutex_usage,
	.run = capture_run,
};
