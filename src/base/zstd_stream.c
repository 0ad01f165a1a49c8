// libzstd's streaming interface, with a limit.
#include "base/zstd_stream.h"

#include <zstd.h>

#include "base/arena.h"
#include "base/error.h"

bool zstd_stream_add(struct zstd_stream *stream, struct str part,
		     struct zstd_block *block, size_t limit, struct error *err)
{
	ZSTD_inBuffer in = { part.p, part.n, 0 };
	ZSTD_outBuffer out = { NULL, 0, block->size };
	size_t room = ZSTD_DStreamOutSize();

	if (stream->state == NULL)
		stream->state = ZSTD_createDStream();
	if (stream->state == NULL)
		arena_out_of_memory(sizeof(void *));
	do {
		size_t result;

		block->bytes =
			table_reserve(block->bytes, &block->capacity, out.pos + room, 1);
		out.dst = block->bytes;
		out.size = block->capacity;
		result = ZSTD_decompressStream(stream->state, &out, &in);
		block->size = out.pos;
		if (ZSTD_isError(result))
			return error_set(err, ERROR_FORMAT, "not valid zstd data");
		if (out.pos > limit)
			return error_set(err, ERROR_LIMIT,
					 "inflates beyond %zu MiB, the limit for a file "
					 "of this size",
					 limit >> 20);
	} while (in.pos < in.size || out.pos == out.size);
	return true;
}

void zstd_stream_deinit(struct zstd_stream *stream)
{
	ZSTD_freeDStream(stream->state);
	stream->state = NULL;
}
