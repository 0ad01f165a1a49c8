// Walks from the cgroup of the process up to the root.
#include "target/schedule_cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/scan.h"
#include "base/str.h"

enum { PATH_SIZE = 2048, TEXT_SIZE = 4096 };

static const char mount_point[] = "/sys/fs/cgroup";

// A small file; "" where it cannot be read.
static struct str read_small(const char *path, char text[TEXT_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, TEXT_SIZE);

	if (fd >= 0)
		close(fd);
	return (struct str){ text, size < 0 ? 0 : (size_t)size };
}

// Where /sys/fs/cgroup has it: "0::/user.slice/..."; "" for version 1.
static void find_path(int pid, char path[PATH_SIZE])
{
	char name[64], text[TEXT_SIZE];
	struct lines lines;

	path[0] = '\0';
	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	lines = (struct lines){ .rest = read_small(name, text) };
	while (lines_next(&lines)) {
		struct scan scan = scan_from(lines.line);

		if (scan_text(&scan, STR("0::")))
			snprintf(path, PATH_SIZE, "%s%.*s", mount_point, (int)scan.rest.n,
				 scan.rest.p);
	}
}

static struct str read_file(const char *path, const char *name, char text[TEXT_SIZE])
{
	char file[PATH_SIZE + 16];

	snprintf(file, sizeof(file), "%s/%s", path, name);
	return read_small(file, text);
}

// "max 100000" or "150000 100000"; 0: no limit.
static double read_maximum(const char *path)
{
	char text[TEXT_SIZE];
	struct scan scan = scan_from(read_file(path, "cpu.max", text));
	int64_t quota, period;

	if (scan_i64(&scan, &quota) && scan_blanks(&scan) && scan_i64(&scan, &period) &&
	    period > 0)
		return (double)quota / (double)period;
	return 0;
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
	char path[PATH_SIZE], text[TEXT_SIZE];
	struct lines lines;

	*ns = *periods = 0;
	find_path(pid, path);
	if (path[0] == '\0')
		return;
	lines = (struct lines){ .rest = read_file(path, "cpu.stat", text) };
	while (lines_next(&lines)) {
		struct scan scan = scan_from(lines.line);
		int64_t value;

		if (scan_text(&scan, STR("nr_throttled ")) && scan_i64(&scan, &value))
			*periods = (uint64_t)value;
		if (scan_text(&scan, STR("throttled_usec ")) && scan_i64(&scan, &value))
			*ns = (uint64_t)value * 1000;
	}
}
