// Hashing for tables in memory: multiply-and-fold over 64-bit words.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t product =
		(__uint128_t)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd6e8feb86659fd93u);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_u64(uint64_t value)
{
	return hash_mix(value, 0x8ebc6af09c88c6e3u);
}

static inline uint64_t hash_bytes(const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	uint64_t hash = hash_u64(size), tail = 0;

	for (; size >= 8; p += 8, size -= 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		hash = hash_mix(hash, word);
	}
	if (size > 0)
		memcpy(&tail, p, size);
	return hash_mix(hash, tail);
}
