// /proc/PID/environ: NAME=VALUE, each ended by a NUL.
#include "target/environment.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"

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
