// pread(2) until all is there.
#include "target/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"

static bool file_read(const struct memory *memory, uint64_t address, void *buffer,
		      size_t size)
{
	const struct memory_file *file = (const struct memory_file *)memory;
	uint8_t *p = buffer;

	if (address > INT64_MAX)
		return false;
	while (size > 0) {
		ssize_t got = pread(file->fd, p, size, (off_t)address);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		address += (uint64_t)got;
		size -= (size_t)got;
	}
	return true;
}

bool memory_file_open(int pid, struct memory_file *out, struct error *err)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, errno, "%s", path);
	*out = (struct memory_file){ { file_read }, fd };
	return true;
}

void memory_file_close(struct memory_file *file)
{
	close(file->fd);
	file->fd = -1;
}
