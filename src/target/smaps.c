// A line as in maps begins each mapping, lines "Name: N kB" follow. See proc(5).
#include "target/smaps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"

enum { PATH_SIZE = 4608 };

static bool take_number(struct str line, struct str name, uint64_t *out)
{
	uint64_t kib;

	if (!str_starts_with(line, name) || !str_ends_with(line, STR(" kB")) ||
	    !str_to_u64(str_trim(str_slice(line, name.n, line.n - 3)), 10, &kib))
		return false;
	*out = kib * 1024;
	return true;
}

static void parse(struct str text, struct smaps *out)
{
	struct maps_entry map;
	struct str line;

	while (str_cut(&text, '\n', &line)) {
		struct smaps_entry *last =
			out->count > 0 ? &out->entries[out->count - 1] : NULL;

		if (last != NULL && (take_number(line, STR("Rss:"), &last->rss) ||
				     take_number(line, STR("Swap:"), &last->swap)))
			continue;
		if (!maps_parse_line(line, &map))
			continue;
		out->entries = table_reserve(out->entries, &out->capacity, out->count + 1,
					     sizeof(*out->entries));
		out->entries[out->count++] = (struct smaps_entry){ .map = map };
	}
}

bool smaps_read(int pid, struct smaps *out, struct error *err)
{
	struct smaps smaps = { 0 };
	struct file_view view;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	if (!file_view_open(path, &view, err))
		return false;
	smaps.text = table_zeroed(view.size + 1, 1);
	if (view.size > 0)
		memcpy(smaps.text, view.bytes, view.size);
	parse((struct str){ smaps.text, view.size }, &smaps);
	file_view_close(&view);
	*out = smaps;
	return true;
}

void smaps_deinit(struct smaps *smaps)
{
	free(smaps->entries);
	free(smaps->text);
	*smaps = (struct smaps){ 0 };
}

// The number in a file, 0 where it says "max" or is not there.
static uint64_t number_in(const char *path)
{
	struct file_view view;
	struct error ignored;
	uint64_t value = 0;

	if (!file_view_open(path, &view, &ignored))
		return 0;
	if (!str_to_u64(str_trim((struct str){ (const char *)view.bytes, view.size }), 10,
			&value))
		value = 0;
	file_view_close(&view);
	return value;
}

// From the group itself up to the root.
static uint64_t least_limit(struct str group)
{
	uint64_t least = 0;
	char path[PATH_SIZE];

	while (group.n > 0 && group.n < PATH_SIZE - 64) {
		uint64_t limit;

		snprintf(path, sizeof(path), "/sys/fs/cgroup%.*s/memory.max",
			 (int)group.n, group.p);
		limit = number_in(path);
		if (limit > 0 && (least == 0 || limit < least))
			least = limit;
		group = str_slice(group, 0, (size_t)str_find_last_char(group, '/'));
	}
	return least;
}

uint64_t smaps_cgroup_limit(int pid)
{
	struct str text, line;
	struct file_view view;
	struct error ignored;
	uint64_t limit = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	if (!file_view_open(path, &view, &ignored))
		return 0;
	text = (struct str){ (const char *)view.bytes, view.size };
	while (str_cut(&text, '\n', &line))
		if (str_starts_with(line, STR("0::/")))
			limit = least_limit(str_after(line, 3));
	file_view_close(&view);
	return limit;
}
