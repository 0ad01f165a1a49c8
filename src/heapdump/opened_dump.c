// Names globals before dominators are computed, since each is a root of its own then.
#include "heapdump/opened_dump.h"

#include "base/error.h"
#include "base/log.h"
#include "binary/elf.h"
#include "heapdump/globals.h"
#include "heapdump/go_typing.h"
#include "heapdump/heap_open.h"

static bool name_globals(struct opened_dump *dump, const char *program, struct error *err)
{
	if (program == NULL)
		return true;
	if (!elf_open(program, &dump->program, err))
		return false;
	if (!globals_split(&dump->heap, dump->program))
		log_warn("%s: names none of the dump's globals: give the file that the "
			 "process ran, with its symbols",
			 program);
	return true;
}

bool opened_dump_open(const char *path, const char *program, struct opened_dump *out,
		      struct error *err)
{
	struct opened_dump dump = { .program = NULL };

	if (!heap_open(path, &dump.heap, err))
		return false;
	if (!name_globals(&dump, program, err)) {
		heap_deinit(&dump.heap);
		return false;
	}
	dominators_init(&dump.dominators, &dump.heap);
	if (dump.program != NULL)
		go_typing_apply(&dump.heap, dump.program);
	*out = dump;
	return true;
}

void opened_dump_close(struct opened_dump *dump)
{
	dominators_deinit(&dump->dominators);
	heap_deinit(&dump->heap);
	elf_close(dump->program);
}
