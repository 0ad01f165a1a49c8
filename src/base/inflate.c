// libdeflate for gzip and zlib, libzstd for zstd. The size of a gzip member stands in its
// last four bytes, modulo 4 GiB; it is taken as a first guess and never trusted.
#include "base/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"

enum { RATIO_LIMIT = 100, FREE_OF_RATIO = 256 << 20, FIRST_GUESS_MIN = 64 * 1024 };

bool inflate_is_gzip(struct str bytes)
{
	return bytes.n >= 2 && (uint8_t)bytes.p[0] == 0x1f && (uint8_t)bytes.p[1] == 0x8b;
}

bool inflate_is_zstd(struct str bytes)
{
	return bytes.n >= 4 && memcmp(bytes.p, "\x28\xb5\x2f\xfd", 4) == 0;
}

size_t inflate_limit(size_t input_size)
{
	size_t limit = input_size > INFLATE_LIMIT / RATIO_LIMIT
			       ? INFLATE_LIMIT
			       : input_size * RATIO_LIMIT;

	return limit < FREE_OF_RATIO ? FREE_OF_RATIO : limit;
}

static bool too_large(struct error *err, size_t limit)
{
	return error_set(err, ERROR_LIMIT,
			 "inflates beyond %zu MiB, the limit for a file of this size; "
			 "if it is no gzip bomb, inflate it first (gzip -d)",
			 limit >> 20);
}

static size_t guess_size(struct str bytes)
{
	uint32_t stated;

	memcpy(&stated, bytes.p + bytes.n - sizeof(stated), sizeof(stated));
	return stated;
}

// Inflates one member to block + used, growing the block as needed.
static bool inflate_member(struct libdeflate_decompressor *d, struct str *rest,
			   uint8_t **block, size_t *capacity, size_t *used, size_t limit,
			   struct error *err)
{
	for (;;) {
		size_t eaten, made;
		enum libdeflate_result result =
			libdeflate_gzip_decompress_ex(d, rest->p, rest->n, *block + *used,
						      *capacity - *used, &eaten, &made);

		if (result == LIBDEFLATE_SUCCESS) {
			*rest = str_after(*rest, eaten);
			*used += made;
			return true;
		}
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
			return error_set(err, ERROR_FORMAT,
					 "is damaged or cut short (not valid gzip data)");
		if (*capacity >= limit)
			return too_large(err, limit);

		size_t wanted = *capacity * 2 < limit ? *capacity * 2 : limit;

		*block = table_reserve(*block, capacity, wanted, 1);
	}
}

bool inflate_gzip(struct str bytes, uint8_t **out, size_t *size, struct error *err)
{
	struct libdeflate_decompressor *d;
	CLEANUP_FREE uint8_t *block = NULL;
	size_t capacity = 0, used = 0, limit = inflate_limit(bytes.n), guess;
	struct str rest = bytes;
	bool is_ok = true;

	if (bytes.n < 18)
		return error_set(err, ERROR_FORMAT,
				 "is cut short (no whole gzip header)");
	guess = guess_size(bytes);
	if (guess > limit || guess / 1200 > bytes.n)
		guess = 4 * bytes.n < limit ? 4 * bytes.n : limit;
	if (guess < FIRST_GUESS_MIN)
		guess = FIRST_GUESS_MIN;
	block = table_reserve(NULL, &capacity, guess, 1);
	d = libdeflate_alloc_decompressor();
	if (d == NULL)
		arena_out_of_memory(sizeof(void *));
	do
		is_ok = inflate_member(d, &rest, &block, &capacity, &used, limit, err);
	while (is_ok && inflate_is_gzip(rest));
	libdeflate_free_decompressor(d);
	if (!is_ok)
		return false;
	*out = block;
	*size = used;
	block = NULL;
	return true;
}

bool inflate_zstd(struct str bytes, uint8_t **out, size_t *size, struct error *err)
{
	CLEANUP_FREE uint8_t *block = NULL;
	size_t capacity = 0, limit = inflate_limit(bytes.n);
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer in = { bytes.p, bytes.n, 0 };
	ZSTD_outBuffer plain = { NULL, 0, 0 };
	size_t result = 1;

	if (stream == NULL)
		arena_out_of_memory(sizeof(void *));
	while (in.pos < in.size && !ZSTD_isError(result) && plain.pos < limit) {
		block = table_reserve(block, &capacity, plain.pos + ZSTD_DStreamOutSize(),
				      1);
		plain.dst = block;
		plain.size = capacity;
		result = ZSTD_decompressStream(stream, &plain, &in);
	}
	while (result != 0 && !ZSTD_isError(result) && plain.pos == plain.size &&
	       plain.pos < limit) {
		block = table_reserve(block, &capacity, plain.pos + ZSTD_DStreamOutSize(),
				      1);
		plain.dst = block;
		plain.size = capacity;
		result = ZSTD_decompressStream(stream, &plain, &in);
	}
	ZSTD_freeDStream(stream);
	if (plain.pos >= limit)
		return too_large(err, limit);
	if (result != 0)
		return error_set(err, ERROR_FORMAT,
				 "is damaged or cut short (not valid zstd data)");
	*out = block;
	*size = plain.pos;
	block = NULL;
	return true;
}

bool inflate_packed(struct str bytes, uint8_t **out, size_t *size, struct error *err)
{
	if (inflate_is_gzip(bytes))
		return inflate_gzip(bytes, out, size, err);
	if (inflate_is_zstd(bytes))
		return inflate_zstd(bytes, out, size, err);
	return error_set(err, ERROR_UNSUPPORTED, "is neither gzip nor zstd data");
}

bool inflate_zlib(struct str bytes, uint8_t *out, size_t out_size, struct error *err)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result result;
	size_t made = 0;

	if (d == NULL)
		arena_out_of_memory(sizeof(void *));
	result = libdeflate_zlib_decompress(d, bytes.p, bytes.n, out, out_size, &made);
	libdeflate_free_decompressor(d);
	if (result != LIBDEFLATE_SUCCESS || made != out_size)
		return error_set(err, ERROR_FORMAT, "not valid zlib data");
	return true;
}

void inflate_make_gzip(struct str bytes, int level, uint8_t **out, size_t *size)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
	size_t bound, capacity = 0;

	if (c == NULL)
		arena_out_of_memory(sizeof(void *));
	bound = libdeflate_gzip_compress_bound(c, bytes.n);
	*out = table_reserve(NULL, &capacity, bound, 1);
	*size = libdeflate_gzip_compress(c, bytes.p, bytes.n, *out, bound);
	libdeflate_free_compressor(c);
}
