// Stable sorting of 64-bit keys with a 32-bit value each, by radix.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct radix_item {
	uint64_t key;
	uint32_t value;
};

// Ascending by key; equal keys keep their order. `spare` has room for count items too.
void radix_sort(struct radix_item *items, struct radix_item *spare, size_t count);
