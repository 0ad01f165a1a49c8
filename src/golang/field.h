// Fields of structures that were copied from a Go program, by the offsets of a layout.
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint64_t field_u64(const uint8_t *bytes, int64_t offset)
{
	uint64_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

static inline uint32_t field_u32(const uint8_t *bytes, int64_t offset)
{
	uint32_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

static inline int64_t field_i64(const uint8_t *bytes, int64_t offset)
{
	return (int64_t)field_u64(bytes, offset);
}
