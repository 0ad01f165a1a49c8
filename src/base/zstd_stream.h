// A zstd stream that comes in parts, as perf writes it: what the parts hold is known
// after each.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;

// Zero-initialised has read nothing yet.
struct zstd_stream {
	void *state;
};

// What parts inflate to: `size` bytes in use of a table_reserve table, whose owner frees
// it.
struct zstd_block {
	uint8_t *bytes;
	size_t capacity, size;
};

// Appends what the next part inflates to. Fails on damage, and where the block would grow
// beyond `limit` bytes.
bool zstd_stream_add(struct zstd_stream *stream, struct str part,
		     struct zstd_block *block, size_t limit, struct error *err)
	__attribute__((warn_unused_result));

void zstd_stream_deinit(struct zstd_stream *stream);
