// Parsing /proc/PID/maps; see proc(5).
#include "target/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"

bool maps_strip_deleted(struct str *file)
{
	static const struct str suffix = { " (deleted)", 10 };

	if (file->n <= suffix.n || !str_ends_with(*file, suffix))
		return false;
	file->n -= suffix.n;
	return true;
}

static bool cut_number(struct str *rest, char separator, int base, uint64_t *out)
{
	struct str piece;

	return str_cut(rest, separator, &piece) && str_to_u64(piece, base, out);
}

//   start-limit       perm offset   major:minor inode          name
//   7f0c1e000-7f0c1f000 r-xp 00001000 fd:01       1835123        /usr/lib/libc.so.6
bool maps_parse_line(struct str line, struct maps_entry *out)
{
	struct maps_entry entry = { 0 };
	struct str rest = line, permissions;
	uint64_t major, minor;

	if (!cut_number(&rest, '-', 16, &entry.start) ||
	    !cut_number(&rest, ' ', 16, &entry.limit) ||
	    !str_cut(&rest, ' ', &permissions) || permissions.n != 4 ||
	    !cut_number(&rest, ' ', 16, &entry.offset) ||
	    !cut_number(&rest, ':', 16, &major) || !cut_number(&rest, ' ', 16, &minor) ||
	    !cut_number(&rest, ' ', 10, &entry.inode))
		return false;
	if (entry.start >= entry.limit || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	entry.device_major = (uint32_t)major;
	entry.device_minor = (uint32_t)minor;
	entry.is_readable = permissions.p[0] == 'r';
	entry.is_executable = permissions.p[2] == 'x';
	while (rest.n > 0 && rest.p[0] == ' ')
		rest = str_after(rest, 1);
	entry.file = rest;
	entry.is_deleted = maps_strip_deleted(&entry.file);
	*out = entry;
	return true;
}

// The file is made while it is read: it cannot be mapped, and a short read is not its
// end.
static bool read_text(int fd, char **text, size_t *size)
{
	size_t capacity = 0;

	*text = NULL;
	*size = 0;
	for (;;) {
		ssize_t got;

		*text = table_reserve(*text, &capacity, *size + 16384, 1);
		got = read(fd, *text + *size, capacity - *size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		*size += (size_t)got;
	}
}

bool maps_read(int pid, struct maps *out, struct error *err)
{
	char path[64];
	CLEANUP_FREE char *text = NULL;
	struct maps maps = { 0 };
	struct str rest, line;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);

	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !read_text(fd, &text, &size))
		return error_set_errno(err, errno, "%s", path);
	rest = (struct str){ text, size };
	while (str_cut(&rest, '\n', &line)) {
		struct maps_entry entry;

		if (!maps_parse_line(line, &entry))
			continue;
		maps.entries = table_reserve(maps.entries, &maps.capacity, maps.count + 1,
					     sizeof(entry));
		maps.entries[maps.count++] = entry;
	}
	maps.text = text;
	text = NULL;
	*out = maps;
	return true;
}

void maps_deinit(struct maps *maps)
{
	free(maps->entries);
	free(maps->text);
	*maps = (struct maps){ 0 };
}
