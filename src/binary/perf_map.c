// Finds and parses perf maps.
#include "binary/perf_map.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "binary/name_table.h"

struct perf_map {
	struct file_view view;
	struct name_table names;
};

static void add_line(struct perf_map *map, struct str line)
{
	struct str start_text, size_text;
	uint64_t start, size;

	if (!str_cut(&line, ' ', &start_text) || !str_cut(&line, ' ', &size_text) ||
	    !str_to_u64(start_text, 16, &start) || !str_to_u64(size_text, 16, &size))
		return;
	line = str_trim(line);
	if (line.n > 0 && size > 0 && start <= UINT64_MAX - size)
		name_table_add(&map->names, start, start + size, line);
}

struct perf_map *perf_map_from_view_take(struct file_view view)
{
	struct perf_map *map = calloc(1, sizeof(*map));
	struct str rest = { (const char *)view.bytes, view.size }, line;

	if (map == NULL)
		arena_out_of_memory(sizeof(*map));
	map->view = view;
	while (str_cut(&rest, '\n', &line))
		add_line(map, line);
	name_table_sort(&map->names);
	return map;
}

// The process id inside the innermost namespace: the last number of the NSpid line.
static uint64_t inner_pid(uint32_t pid)
{
	char path[64];
	struct file_view status;
	struct error ignored;
	uint64_t inner = pid;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	if (!file_view_open(path, &status, &ignored))
		return inner;
	struct str rest = { (const char *)status.bytes, status.size }, line;

	while (str_cut(&rest, '\n', &line))
		if (str_starts_with(line, STR("NSpid:")))
			(void)str_to_u64(
				str_after(line,
					  (size_t)str_find_last_char(line, '\t') + 1),
				10, &inner);
	file_view_close(&status);
	return inner;
}

bool perf_map_open(uint32_t pid, struct perf_map **out, struct error *err)
{
	char path[96];
	struct file_view view;
	struct error ignored;

	snprintf(path, sizeof(path), "/proc/%u/root/tmp/perf-%llu.map", pid,
		 (unsigned long long)inner_pid(pid));
	if (!file_view_open(path, &view, &ignored)) {
		snprintf(path, sizeof(path), "/tmp/perf-%u.map", pid);
		if (!file_view_open(path, &view, err))
			return false;
	}
	*out = perf_map_from_view_take(view);
	return true;
}

void perf_map_close(struct perf_map *map)
{
	if (map == NULL)
		return;
	name_table_deinit(&map->names);
	file_view_close(&map->view);
	free(map);
}

struct str perf_map_find(const struct perf_map *map, uint64_t address)
{
	const struct name_range *range = name_table_find(&map->names, address);

	return range == NULL ? STR("") : range->name;
}
