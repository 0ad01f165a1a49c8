// The seam between whoever reads addresses and whatever holds them: a live process, a
// core file, a copied stack, the bytes of a test.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Embed it as the first member of a concrete kind. Reads fill the whole buffer or fail; a
// failed read leaves the buffer unspecified. An unreadable address is an expected
// outcome, so there is no error text.
struct memory {
	bool (*read)(const struct memory *memory, uint64_t address, void *buffer,
		     size_t size);
};

static inline bool memory_read(const struct memory *memory, uint64_t address,
			       void *buffer, size_t size)
{
	return memory->read(memory, address, buffer, size);
}

static inline bool memory_read_u64(const struct memory *memory, uint64_t address,
				   uint64_t *out)
{
	return memory->read(memory, address, out, sizeof(*out));
}

// One range of addresses backed by bytes that the caller keeps alive.
struct memory_bytes {
	struct memory memory;
	uint64_t address;
	const uint8_t *bytes;
	size_t size;
};

struct memory_bytes memory_from_bytes(uint64_t address, const void *bytes, size_t size);
