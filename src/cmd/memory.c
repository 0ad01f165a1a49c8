// goprof memory: what the resident memory of a Go program is made of.
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/go_numbers.h"
#include "golang/memory_parts.h"
#include "source/capture.h"

static const char usage[] = "usage: goprof memory [--json] PID | NAME\n"
			    "\n"
			    "Tells what the resident memory of a Go program is made of: "
			    "live heap, garbage, free\n"
			    "spans, stacks, the runtime, the binary, C's heap, mapped "
			    "files. The parts add up to\n"
			    "what the kernel counts; GOMEMLIMIT and the limit of its "
			    "cgroup stand beside it.\n";

static bool write(struct capture_target *target, enum go_numbers_form form,
		  struct capture_notes *notes, struct writer *w, struct error *err)
{
	struct memory_parts parts;

	(void)notes;
	if (!memory_parts_read(target->go, &parts, err))
		return error_wrap(err, "process %d", target->pid);
	if (form == GO_NUMBERS_JSON)
		memory_parts_write_json(&parts, w);
	else
		memory_parts_write_text(&parts, w);
	return true;
}

static int run(int argc, char **argv)
{
	return go_numbers_run(argc, argv, write, NULL);
}

const struct command command_memory = {
	.name = "memory",
	.summary = "tell what a Go program's resident memory is made of",
	.usage = usage,
	.run = run,
};
