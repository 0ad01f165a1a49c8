// Each piece is printed, summed and deflated by one thread; sums are joined at the end.
#include "base/gzip.h"

#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/deflate.h"
#include "base/pieces.h"
#include "base/writer.h"

struct sum {
	uint32_t crc;
	size_t size;
};

struct job {
	const struct pieces *plain;
	struct sum *sums; // by piece
};

static void print(const void *context, size_t from, size_t to, struct writer *w)
{
	const struct job *job = context;
	struct writer plain = writer_to_memory();
	struct str bytes;

	job->plain->print(job->plain->context, from, to, &plain);
	bytes = writer_contents(&plain);
	job->sums[from / job->plain->piece_rows] =
		(struct sum){ libdeflate_crc32(0, bytes.p, bytes.n), bytes.n };
	deflate_piece(bytes, w);
	writer_deinit(&plain);
}

// Polynomials over GF(2) modulo that of the CRC, the coefficient of x^0 in the highest
// bit.
static uint32_t multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (uint32_t bit = UINT32_C(1) << 31; bit != 0; bit >>= 1) {
		if ((a & bit) != 0)
			product ^= b;
		b = (b & 1) != 0 ? b >> 1 ^ UINT32_C(0xedb88320) : b >> 1;
	}
	return product;
}

// The sum of bytes with the sum `crc` followed by `size` others.
static uint32_t join(uint32_t crc, struct sum next)
{
	uint32_t power = UINT32_C(1) << 23; // x^8: a byte of zeros appended

	for (size_t left = next.size; left > 0; left >>= 1) {
		if ((left & 1) != 0)
			crc = multiply(power, crc);
		power = multiply(power, power);
	}
	return crc ^ next.crc;
}

static void put_u32(struct writer *w, uint32_t value)
{
	writer_bytes(w, &value, sizeof(value));
}

void gzip_write(const struct pieces *pieces, struct writer *w)
{
	static const char head[10] = {
		0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 4, (char)0xff
	};
	size_t count = (pieces->row_count + pieces->piece_rows - 1) / pieces->piece_rows;
	struct job job = { pieces, table_zeroed(count + 1, sizeof(struct sum)) };
	struct pieces packed = { pieces->row_count, pieces->piece_rows, print, &job };
	struct sum all = { 0 };

	writer_bytes(w, head, sizeof(head));
	pieces_write(&packed, w);
	deflate_end(w);
	for (size_t i = 0; i < count; i++) {
		all.crc = join(all.crc, job.sums[i]);
		all.size += job.sums[i].size;
	}
	put_u32(w, all.crc);
	put_u32(w, (uint32_t)all.size);
	free(job.sums);
}
