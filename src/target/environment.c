// /proc/PID/environ: NAME=VALUE, each ended by a NUL. In a core file they lie where the
// kernel put them, right below the name that was executed (Linux, fs/exec.c).
#include "target/environment.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "target/core_memory.h"

enum { PAGE = 4096, CORE_LIMIT = 64 * PAGE };

struct str environment_of(int pid, struct str name, struct arena *arena)
{
	struct str rest, item, value = STR("");
	struct file_view view;
	struct error ignored;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	if (!file_view_open(path, &view, &ignored))
		return value;
	rest = (struct str){ (const char *)view.bytes, view.size };
	while (str_cut(&rest, '\0', &item)) {
		if (str_starts_with(item, name) && item.n > name.n &&
		    item.p[name.n] == '=')
			value = str_copy(arena, str_after(item, name.n + 1));
	}
	file_view_close(&view);
	return value;
}

// As much of the memory before `limit` as can be read, whole pages but the last.
static struct str read_before(struct core_memory *core, uint64_t limit,
			      struct arena *arena)
{
	char *bytes = arena_alloc(arena, CORE_LIMIT);
	size_t at = CORE_LIMIT;

	while (at >= PAGE) {
		size_t n = limit % PAGE == 0 ? PAGE : limit % PAGE;

		if (limit < n ||
		    !memory_read(&core->memory, limit - n, bytes + at - n, n))
			break;
		limit -= n;
		at -= n;
	}
	return (struct str){ bytes + at, CORE_LIMIT - at };
}

// Cuts off the last of strings that end with a NUL each; false when there is none.
static bool cut_last(struct str *text, struct str *out)
{
	size_t end, at;

	if (text->n == 0 || text->p[text->n - 1] != '\0')
		return false;
	end = at = text->n - 1;
	while (at > 0 && text->p[at - 1] != '\0')
		at--;
	*out = str_slice(*text, at, end);
	text->n = at;
	return true;
}

struct str environment_of_core(struct core_memory *core, struct str name,
			       struct arena *arena)
{
	struct arena scratch CLEANUP_ARENA = { 0 };
	struct str rest = read_before(core, core->executed_name, &scratch), item;

	// The arguments lie before the environment.
	while (cut_last(&rest, &item) && str_find_char(item, '=') != STR_NOT_FOUND) {
		if (str_starts_with(item, name) && item.n > name.n &&
		    item.p[name.n] == '=')
			return str_copy(arena, str_after(item, name.n + 1));
	}
	return STR("");
}
