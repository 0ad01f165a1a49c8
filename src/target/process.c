// Reading /proc/PID/stat, status and task; all of it may vanish at any moment.
#include "target/process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/str.h"

enum {
	// Fields of /proc/PID/stat behind the name, counted from the state; proc(5).
	STAT_PARENT = 1,
	STAT_USER_TIME = 11,
	STAT_SYSTEM_TIME = 12,
	STAT_THREADS = 17,
	STAT_START = 19,
};

void process_ids_deinit(struct process_ids *ids)
{
	free(ids->ids);
	*ids = (struct process_ids){ 0 };
}

void process_ids_add(struct process_ids *ids, int id)
{
	ids->ids = table_reserve(ids->ids, &ids->capacity, ids->count + 1, sizeof(int));
	ids->ids[ids->count++] = id;
}

bool process_ids_contain(const struct process_ids *ids, int id)
{
	for (size_t i = 0; i < ids->count; i++) {
		if (ids->ids[i] == id)
			return true;
	}
	return false;
}

static bool parse_stat(struct str text, struct process_status *out)
{
	ptrdiff_t open = str_find_char(text, '('), close = str_find_last_char(text, ')');
	struct str rest, field, name;
	uint64_t ticks = 0;

	if (open < 0 || close < open)
		return false;
	name = str_slice(text, (size_t)open + 1, (size_t)close);
	rest = str_trim(str_after(text, (size_t)close + 1));
	snprintf(out->name, sizeof(out->name), "%.*s", (int)name.n, name.p);
	for (unsigned i = 0; str_cut(&rest, ' ', &field); i++) {
		uint64_t value = 0;

		if (i == 0)
			out->state = field.n > 0 ? field.p[0] : '?';
		str_to_u64(field, 10, &value);
		if (i == STAT_PARENT)
			out->parent = (int)value;
		if (i == STAT_USER_TIME || i == STAT_SYSTEM_TIME)
			ticks += value;
		if (i == STAT_THREADS)
			out->thread_count = (int)value;
		if (i == STAT_START)
			out->start_ticks = value;
	}
	out->cpu_ns = ticks * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
	return out->state != 0;
}

static struct str last_field(struct str line)
{
	struct str rest = str_trim(line);
	ptrdiff_t tab = str_find_last_char(rest, '\t');

	return str_after(rest, (size_t)(tab + 1));
}

static void parse_status(struct str text, struct process_status *out)
{
	struct str line, piece;
	uint64_t value;

	while (str_cut(&text, '\n', &line)) {
		if (str_starts_with(line, STR("NSpid:")) &&
		    str_to_u64(last_field(line), 10, &value))
			out->namespace_pid = (int)value;
		if (!str_starts_with(line, STR("Uid:\t")))
			continue;
		line = str_after(line, 5);
		if (str_cut(&line, '\t', &piece) && str_cut(&line, '\t', &piece) &&
		    str_to_u64(piece, 10, &value))
			out->user = (unsigned)value;
	}
}

static bool open_proc(int pid, const char *name, struct file_view *out)
{
	char path[64];
	struct error ignored;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return file_view_open(path, out, &ignored);
}

bool process_read_status(int pid, struct process_status *out)
{
	struct process_status status = { .namespace_pid = pid };
	struct file_view view;
	bool is_parsed;

	if (pid <= 0 || !open_proc(pid, "stat", &view))
		return false;
	is_parsed =
		parse_stat((struct str){ (const char *)view.bytes, view.size }, &status);
	file_view_close(&view);
	if (!is_parsed || !open_proc(pid, "status", &view))
		return false;
	parse_status((struct str){ (const char *)view.bytes, view.size }, &status);
	file_view_close(&view);
	*out = status;
	return true;
}

uint64_t process_max_rss(int pid)
{
	struct file_view view;
	struct str text, line;
	uint64_t kib = 0;

	if (pid <= 0 || !open_proc(pid, "status", &view))
		return 0;
	text = (struct str){ (const char *)view.bytes, view.size };
	while (str_cut(&text, '\n', &line)) {
		if (!str_starts_with(line, STR("VmHWM:")) ||
		    !str_ends_with(line, STR(" kB")))
			continue;
		line = str_slice(line, STR("VmHWM:").n, line.n - STR(" kB").n);
		if (!str_to_u64(str_trim(line), 10, &kib))
			kib = 0;
	}
	file_view_close(&view);
	return kib * 1024;
}

int process_namespace_tid(int tid)
{
	struct process_status status;

	return process_read_status(tid, &status) ? status.namespace_pid : tid;
}

bool process_is_alive(int pid)
{
	struct process_status status;

	return process_read_status(pid, &status) && status.state != 'Z' &&
	       status.state != 'X';
}

// Appends the numeric names of a directory of /proc.
static void add_numeric_entries(const char *path, struct process_ids *out)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		uint64_t id;

		if (str_to_u64(str_from(entry->d_name), 10, &id) && id <= INT32_MAX)
			process_ids_add(out, (int)id);
	}
	closedir(folder);
}

void process_add_threads(int pid, struct process_ids *out)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	add_numeric_entries(path, out);
}

static int read_parent(int pid)
{
	struct process_status status = { 0 };
	struct file_view view;

	if (!open_proc(pid, "stat", &view))
		return 0;
	if (!parse_stat((struct str){ (const char *)view.bytes, view.size }, &status))
		status.parent = 0;
	file_view_close(&view);
	return status.parent;
}

void process_add_descendants(int pid, struct process_ids *out)
{
	struct process_ids all = { 0 }, parents = { 0 };
	size_t first = out->count;

	add_numeric_entries("/proc", &all);
	for (size_t i = 0; i < all.count; i++)
		process_ids_add(&parents, read_parent(all.ids[i]));
	// Each round adds the children of what the rounds before found; a process has one
	// parent, so none is met twice.
	for (size_t next = first; next <= out->count; next++) {
		int parent = next == first ? pid : out->ids[next - 1];

		for (size_t i = 0; i < all.count; i++) {
			if (parents.ids[i] == parent && all.ids[i] != pid)
				process_ids_add(out, all.ids[i]);
		}
	}
	process_ids_deinit(&all);
	process_ids_deinit(&parents);
}

static bool has_same_identity(int pid, const char *name)
{
	char theirs[64], ours[64];
	struct stat a, b;

	snprintf(theirs, sizeof(theirs), "/proc/%d/%s", pid, name);
	snprintf(ours, sizeof(ours), "/proc/self/%s", name);
	return stat(theirs, &a) == 0 && stat(ours, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

bool process_shares_files_with_us(int pid)
{
	return has_same_identity(pid, "ns/mnt") && has_same_identity(pid, "root");
}
