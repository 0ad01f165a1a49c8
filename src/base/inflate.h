// Compressed bytes to plain ones: gzip (all members), zlib and zstd, under a stated
// limit.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;

// No input may inflate beyond this many bytes, nor beyond 100 times its own size once it
// exceeds 256 MiB: profiles are never that redundant, gzip bombs (1000 times) are.
#define INFLATE_LIMIT ((size_t)8 << 30)

// That limit for an input of so many bytes.
size_t inflate_limit(size_t input_size);

bool inflate_is_gzip(struct str bytes);
bool inflate_is_zstd(struct str bytes);

// The plain bytes as a malloc'ed block that the caller frees.
bool inflate_gzip(struct str bytes, uint8_t **out, size_t *size, struct error *err)
	__attribute__((warn_unused_result));
bool inflate_zstd(struct str bytes, uint8_t **out, size_t *size, struct error *err)
	__attribute__((warn_unused_result));

// Either, told by the first bytes; what is neither is ERROR_UNSUPPORTED.
bool inflate_packed(struct str bytes, uint8_t **out, size_t *size, struct error *err)
	__attribute__((warn_unused_result));

// Exactly out_size bytes from a zlib stream, as ELF's compressed sections hold them.
bool inflate_zlib(struct str bytes, uint8_t *out, size_t out_size, struct error *err)
	__attribute__((warn_unused_result));

// One gzip member at a level from 1 to 12; a malloc'ed block that the caller frees.
void inflate_make_gzip(struct str bytes, int level, uint8_t **out, size_t *size);
