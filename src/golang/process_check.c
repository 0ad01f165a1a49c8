// Looks at a few things that are the same in every Go program.
#include "golang/process_check.h"

#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "binary/pclntab.h"
#include "golang/layout.h"
#include "golang/process.h"

enum { GOROUTINES_LIMIT = 1 << 28 };

struct str process_check_known(struct arena *arena)
{
	return str_format(arena, "go1.%u to go1.%u", go_layout_oldest().minor,
			  go_layout_newest().minor);
}

static bool refuse(const struct go_process *process, const char *what, struct error *err)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct str version = process->info.version;
	struct str known = process_check_known(&arena);

	return error_set(err, ERROR_UNSUPPORTED,
			 "%.*s is not laid out as this build of goprof expects (%s): "
			 "nothing is printed rather than something wrong; known are %.*s",
			 (int)version.n, version.p, what, (int)known.n, known.p);
}

static uint64_t word_at(const struct go_process *process, uint64_t address)
{
	return go_process_read_number(process, address, 8);
}

// The main goroutine is the first that is ever made, and keeps its place.
static bool check_first_goroutine(const struct go_process *process, struct error *err)
{
	const struct go_layout *layout = process->layout;
	uint64_t count_at, array_at, count, g, low, high;

	if (!go_process_need(process, STR("runtime.allglen"), &count_at, err) ||
	    !go_process_need(process, STR("runtime.allgptr"), &array_at, err))
		return false;
	count = word_at(process, count_at);
	g = word_at(process, word_at(process, array_at));
	if (count == 0 || g == 0)
		return error_set(err, ERROR_NOT_FOUND,
				 "its Go runtime has no goroutine yet: the program is "
				 "just starting");
	if (count > GOROUTINES_LIMIT || word_at(process, g + layout->g.goid) != 1)
		return refuse(process, "the first goroutine is not number 1", err);
	low = word_at(process, g + layout->g.stack_lo);
	high = word_at(process, g + layout->g.stack_hi);
	if (low >= high || high - low > (uint64_t)1 << 32)
		return refuse(process, "the bounds of its stack", err);
	return true;
}

static bool check_first_thread(const struct go_process *process, struct error *err)
{
	uint64_t m0 = go_process_find(process, STR("runtime.m0"));
	uint64_t g0 = go_process_find(process, STR("runtime.g0"));

	if (m0 == 0 || g0 == 0)
		return true;
	if (word_at(process, m0 + process->layout->m.g0) != g0 ||
	    word_at(process, g0 + process->layout->g.m) != m0)
		return refuse(process, "m0 and g0 do not belong together", err);
	return true;
}

static bool check_module(const struct go_process *process, struct error *err)
{
	uint64_t module = go_process_find(process, STR("runtime.firstmoduledata"));
	struct pclntab_function first;

	if (module == 0 || !pclntab_function_at(process->pclntab, 0, &first))
		return true;
	if (word_at(process, module + process->layout->moduledata.minpc) !=
	    first.start + process->bias)
		return refuse(process, "the code is not where its module says", err);
	return true;
}

bool process_check(const struct go_process *process, struct error *err)
{
	return check_first_goroutine(process, err) && check_first_thread(process, err) &&
	       check_module(process, err);
}
