// Reads hostile core files: segments, notes, and memory through them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "target/core_memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("core", MFD_CLOEXEC);
	struct core_memory *core;
	struct error err;
	char path[64], bytes[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) != (ssize_t)size)
		abort();
	if (core_memory_open(path, NULL, &core, &err)) {
		for (size_t i = 0; i < core->file_count; i++)
			memory_read(&core->memory, core->files[i].limit - 32, bytes,
				    sizeof(bytes));
		for (size_t i = 0; i < core->thread_count; i++)
			memory_read(&core->memory, core->threads[i].registers.rsp, bytes,
				    sizeof(bytes));
		core_memory_close(core);
	} else if (strlen(err.text) == 0) {
		abort();
	}
	close(fd);
	return 0;
}
