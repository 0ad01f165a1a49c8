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

static inline uint64_t hash_word(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

// Fewer than eight bytes, without a loop.
static inline uint64_t hash_tail(const unsigned char *p, size_t size)
{
	uint32_t first, last;

	if (size == 0)
		return 0;
	if (size < 4)
		return p[0] | (uint64_t)p[size / 2] << 8 | (uint64_t)p[size - 1] << 16;
	memcpy(&first, p, sizeof(first));
	memcpy(&last, p + size - 4, sizeof(last));
	return first | (uint64_t)last << 32;
}

// Two chains side by side, since a multiplication takes longer than a word is worth.
static inline uint64_t hash_bytes(const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	uint64_t hash = hash_u64(size), other = ~hash;

	for (; size >= 32; p += 32, size -= 32) {
		hash = hash_mix(hash ^ hash_word(p), hash_word(p + 8));
		other = hash_mix(other ^ hash_word(p + 16), hash_word(p + 24));
	}
	hash ^= other;
	for (; size >= 8; p += 8, size -= 8)
		hash = hash_mix(hash, hash_word(p));
	return hash_mix(hash, hash_tail(p, size));
}
