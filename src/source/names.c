// Thread names by id, from perf's records and /proc/TID/comm.
#include "source/names.h"

#include <stdio.h>

#include "base/error.h"
#include "base/file.h"

void names_deinit(struct names *names)
{
	interner_deinit(&names->strings);
	map_deinit(&names->by_thread);
	arena_deinit(&names->arena);
}

void names_set(struct names *names, int tid, struct str name)
{
	uint32_t id = interner_add(&names->strings, &names->arena, name);

	*map_put(&names->by_thread, (uint64_t)tid) = id;
}

void names_inherit(struct names *names, int parent_tid, int tid)
{
	uint32_t id = names_of(names, parent_tid);

	*map_put(&names->by_thread, (uint64_t)tid) = id;
}

void names_forget(struct names *names, int tid)
{
	// Stands for "look again", as for a thread never heard of.
	*map_put(&names->by_thread, (uint64_t)tid) = MAP_NONE;
}

uint32_t names_of(struct names *names, int tid)
{
	uint32_t id = map_get(&names->by_thread, (uint64_t)tid);
	struct file_view view;
	struct error ignored;
	char path[64];

	if (id != MAP_NONE)
		return id;
	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	if (names->is_recorded || !file_view_open(path, &view, &ignored)) {
		names_set(names, tid, STR("?"));
		return map_get(&names->by_thread, (uint64_t)tid);
	}
	names_set(names, tid,
		  str_trim((struct str){ (const char *)view.bytes, view.size }));
	file_view_close(&view);
	return map_get(&names->by_thread, (uint64_t)tid);
}
