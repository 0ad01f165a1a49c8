// process_vm_readv(2) behind struct memory.
#include "target/live_memory.h"

#include <sys/uio.h>
#include <unistd.h>

static bool live_read(const struct memory *memory, uint64_t address, void *buffer,
		      size_t size)
{
	const struct live_memory *live = (const struct live_memory *)memory;
	struct iovec local = { buffer, size };
	struct iovec remote = { (void *)(uintptr_t)address, size };

	return process_vm_readv(live->pid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

struct live_memory live_memory_of(int pid)
{
	return (struct live_memory){ { live_read }, pid };
}

void live_memory_touch(int pid, uint64_t start, uint64_t limit)
{
	const struct live_memory live = live_memory_of(pid);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char byte;

	for (uint64_t at = start / page * page; at < limit; at += page) {
		if (!memory_read(&live.memory, at, &byte, 1))
			return;
	}
}
