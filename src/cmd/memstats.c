// goprof memstats: runtime.MemStats of a Go program.
#include "golang/memstats.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/go_numbers.h"
#include "golang/memstats_text.h"
#include "source/capture.h"

static const char usage[] =
	"usage: goprof memstats [--json] PID | NAME | CORE [BINARY]\n"
	"\n"
	"Prints every field of runtime.MemStats of a Go program, without stopping it: "
	"what\n"
	"runtime.ReadMemStats would say, which does stop it. --json writes it as\n"
	"encoding/json does.\n";

static bool write(struct capture_target *target, enum go_numbers_form form,
		  struct capture_notes *notes, struct writer *w, struct error *err)
{
	struct memstats stats;

	if (!memstats_read(target->go, &stats, err))
		return error_wrap(err, "process %d", target->pid);
	if (!stats.is_settled)
		capture_notes_add(notes,
				  "the program allocated all the while: counts may be "
				  "off by what came in between");
	if (form == GO_NUMBERS_JSON)
		memstats_text_json(&stats, w);
	else
		memstats_text_table(&stats, w);
	return true;
}

static int run(int argc, char **argv)
{
	return go_numbers_run(argc, argv, write);
}

const struct command command_memstats = {
	.name = "memstats",
	.summary = "print a Go program's runtime.MemStats, from outside",
	.usage = usage,
	.run = run,
};
