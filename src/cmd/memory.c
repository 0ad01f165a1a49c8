// goprof memory: what the resident memory of a process is made of.
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/go_numbers.h"
#include "golang/memory_parts.h"
#include "source/capture.h"
#include "target/memory_view.h"
#include "target/memory_view_text.h"

static const char usage[] = "usage: goprof memory [--json] PID | NAME\n"
			    "\n"
			    "Tells what the resident memory of a program is made of. Of "
			    "a Go program: live heap,\n"
			    "garbage, free spans, stacks, the runtime, the binary, C's "
			    "heap, mapped files, with\n"
			    "GOMEMLIMIT and the limit of its cgroup beside it. Of "
			    "others, in kB, by kind and by\n"
			    "file: rss is in memory, pss the same with shared pages "
			    "divided among those who share\n"
			    "them, dirty what the process wrote and alone holds. The "
			    "parts add up to what the\n"
			    "kernel counts. Nothing is stopped.\n";

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

static bool write_native(struct capture_target *target, enum go_numbers_form form,
			 struct capture_notes *notes, struct writer *w, struct error *err)
{
	struct memory_view view;

	(void)notes;
	if (!memory_view_read(target->pid, &view, err))
		return false;
	if (form == GO_NUMBERS_JSON)
		memory_view_text_json(&view, w);
	else
		memory_view_text_write(&view, w);
	memory_view_deinit(&view);
	return true;
}

static int run(int argc, char **argv)
{
	return go_numbers_run(argc, argv, write, write_native);
}

const struct command command_memory = {
	.name = "memory",
	.summary = "tell what a process' resident memory is made of",
	.usage = usage,
	.run = run,
};
