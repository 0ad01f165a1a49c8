// Tests of reading how much of each mapping is resident, on this process.
#include "target/smaps.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "test.h"

static const struct smaps_entry *entry_of(const struct smaps *smaps, uint64_t address)
{
	for (size_t i = 0; i < smaps->count; i++)
		if (smaps->entries[i].map.start <= address &&
		    address < smaps->entries[i].map.limit)
			return &smaps->entries[i];
	return NULL;
}

TEST(smaps_counts_the_pages_that_were_touched)
{
	enum { PAGE = 4096, MAPPED = 64 * PAGE, TOUCHED = 16 * PAGE };
	// Shared, so that the kernel does not merge it with a neighbour.
	char *memory = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct smaps_entry *entry;
	struct smaps smaps;
	struct error err;

	CHECK(memory != MAP_FAILED);
	memset(memory, 1, TOUCHED);
	CHECK(smaps_read(getpid(), &smaps, &err));
	entry = entry_of(&smaps, (uint64_t)(uintptr_t)memory);
	CHECK(entry != NULL);
	CHECK_INT(entry->map.limit - entry->map.start, MAPPED);
	CHECK_INT(entry->rss, TOUCHED);
	munmap(memory, MAPPED);
	smaps_deinit(&smaps);
}

TEST(smaps_of_nobody_are_an_error)
{
	struct smaps smaps;
	struct error err;

	CHECK(!smaps_read(0, &smaps, &err));
}
