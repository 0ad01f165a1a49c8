// A memory made of one array of bytes.
#include "base/memory.h"

#include <string.h>

static bool bytes_read(const struct memory *memory, uint64_t address, void *buffer,
		       size_t size)
{
	const struct memory_bytes *self = (const struct memory_bytes *)memory;
	uint64_t offset = address - self->address;

	if (address < self->address || offset > self->size || size > self->size - offset)
		return false;
	memcpy(buffer, self->bytes + offset, size);
	return true;
}

struct memory_bytes memory_from_bytes(uint64_t address, const void *bytes, size_t size)
{
	return (struct memory_bytes){ { bytes_read }, address, bytes, size };
}
