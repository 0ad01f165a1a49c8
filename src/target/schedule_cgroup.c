// Walks from the cgroup of the process up to the root.
#include "target/schedule_cgroup.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/scan.h"
#include "base/str.h"

enum { PATH_SIZE = 4096 };

static const char mount_point[] = "/sys/fs/cgroup";

// Where /sys/fs/cgroup has it: "0::/user.slice/..."; "" for version 1.
static void find_path(int pid, char path[PATH_SIZE])
{
	char name[64];
	struct file_view view;
	struct error ignored;
	struct lines lines;

	path[0] = '\0';
	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	if (!file_view_open(name, &view, &ignored))
		return;
	lines = (struct lines){ .rest = { (const char *)view.bytes, view.size } };
	while (lines_next(&lines)) {
		struct scan scan = scan_from(lines.line);

		if (scan_text(&scan, STR("0::")))
			snprintf(path, PATH_SIZE, "%s%.*s", mount_point, (int)scan.rest.n,
				 scan.rest.p);
	}
	file_view_close(&view);
}

static bool open_file(const char *path, const char *name, struct file_view *out)
{
	char file[PATH_SIZE + 16];
	struct error ignored;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	return file_view_open(file, out, &ignored);
}

// "max 100000" or "150000 100000"; 0: no limit.
static double read_maximum(const char *path)
{
	struct file_view view;
	struct scan scan;
	int64_t quota, period;
	double processors = 0;

	if (!open_file(path, "cpu.max", &view))
		return 0;
	scan = scan_from((struct str){ (const char *)view.bytes, view.size });
	if (scan_i64(&scan, &quota) && scan_blanks(&scan) && scan_i64(&scan, &period) &&
	    period > 0)
		processors = (double)quota / (double)period;
	file_view_close(&view);
	return processors;
}

double schedule_cgroup_read_quota(int pid)
{
	char path[PATH_SIZE];
	double least = 0;

	find_path(pid, path);
	while (strlen(path) > strlen(mount_point)) {
		double quota = read_maximum(path);

		if (quota > 0 && (least <= 0 || quota < least))
			least = quota;
		*strrchr(path, '/') = '\0';
	}
	return least;
}

void schedule_cgroup_read_throttling(int pid, uint64_t *ns, uint64_t *periods)
{
	char path[PATH_SIZE];
	struct file_view view;
	struct lines lines;

	*ns = *periods = 0;
	find_path(pid, path);
	if (path[0] == '\0' || !open_file(path, "cpu.stat", &view))
		return;
	lines = (struct lines){ .rest = { (const char *)view.bytes, view.size } };
	while (lines_next(&lines)) {
		struct scan scan = scan_from(lines.line);
		int64_t value;

		if (scan_text(&scan, STR("nr_throttled ")) && scan_i64(&scan, &value))
			*periods = (uint64_t)value;
		if (scan_text(&scan, STR("throttled_usec ")) && scan_i64(&scan, &value))
			*ns = (uint64_t)value * 1000;
	}
	file_view_close(&view);
}
