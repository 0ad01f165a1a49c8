// goprof memstats: memory statistics by the names of Go's runtime.MemStats.
#include "golang/memstats.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/go_numbers.h"
#include "golang/memstats_text.h"
#include "source/capture.h"
#include "source/capture_memstats.h"

static const char usage[] =
	"usage: goprof memstats [--json] PID | NAME | CORE [BINARY]\n"
	"\n"
	"Prints every field of runtime.MemStats of a Go program, without stopping it: "
	"what\n"
	"runtime.ReadMemStats would say, which does stop it. --json writes it as\n"
	"encoding/json does.\n"
	"\n"
	"Of other programs it prints the fields that have a meaning there: from the "
	"allocator,\n"
	"through libgoprof in the process, or what the kernel knows.\n";

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

static bool write_native(struct capture_target *target, enum go_numbers_form form,
			 struct capture_notes *notes, struct writer *w, struct error *err)
{
	struct capture_memstats stats;

	if (!capture_memstats_read(target, &stats, notes, err))
		return error_wrap(err, "process %d", target->pid);
	if (form == GO_NUMBERS_JSON)
		capture_memstats_json(&stats, w);
	else
		capture_memstats_table(&stats, w);
	return true;
}

static int run(int argc, char **argv)
{
	return go_numbers_run(argc, argv, write, write_native);
}

const struct command command_memstats = {
	.name = "memstats",
	.summary = "print a program's memory statistics as Go's runtime.MemStats",
	.usage = usage,
	.run = run,
};
