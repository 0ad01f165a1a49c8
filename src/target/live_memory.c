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

enum { RANGES_A_CALL = 256 }; // IOV_MAX is 1024; these live on the stack

// Reads up to RANGES_A_CALL ranges, stopping at the first that cannot be read as a whole;
// returns how many ranges were dealt with.
static size_t read_run(int pid, struct memory_range *ranges, size_t count)
{
	struct iovec local[RANGES_A_CALL], remote[RANGES_A_CALL];
	size_t n = count < RANGES_A_CALL ? count : RANGES_A_CALL, done = 0;
	ssize_t got;

	for (size_t i = 0; i < n; i++) {
		local[i] = (struct iovec){ ranges[i].buffer, ranges[i].size };
		remote[i] = (struct iovec){ (void *)(uintptr_t)ranges[i].address,
					    ranges[i].size };
	}
	got = process_vm_readv(pid, local, n, remote, n, 0);
	for (size_t left = got < 0 ? 0 : (size_t)got; done < n; done++) {
		ranges[done].is_read = ranges[done].size <= left;
		if (!ranges[done].is_read)
			return done + 1;
		left -= ranges[done].size;
	}
	return done;
}

size_t live_memory_read_many(int pid, struct memory_range *ranges, size_t count)
{
	size_t arrived = 0;

	for (size_t at = 0; at < count;)
		at += read_run(pid, ranges + at, count - at);
	for (size_t i = 0; i < count; i++)
		arrived += ranges[i].is_read;
	return arrived;
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
