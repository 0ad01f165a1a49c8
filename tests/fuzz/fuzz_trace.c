// Reads hostile allocation traces: the chunks of any number of threads, and the account
// of them.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "profile/trace_ledger.h"
#include "profile/trace_read.h"

enum { FIRST = TRACE_HEAD_SIZE + RECORDING_SIZE_MIN };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) char bytes[FIRST + 4 * TRACE_CHUNK_SIZE];
	struct trace_head *head = (struct trace_head *)(void *)bytes;
	struct trace_ledger ledger = { 0 };
	struct trace_reader reader;
	struct trace_record record;
	struct error err;
	uint32_t tid;

	if (size > sizeof(bytes) - FIRST)
		size = sizeof(bytes) - FIRST;
	memset(bytes + FIRST, 0, sizeof(bytes) - FIRST);
	// Small inputs reach several chunks: they are dealt out in pieces of 64 bytes.
	for (size_t at = 0; at < size; at++)
		bytes[FIRST + at / 64 % 4 * TRACE_CHUNK_SIZE + at / 256 * 64 + at % 64] =
			(char)data[at];
	trace_init(head, sizeof(bytes), RECORDING_SIZE_MIN);
	head->claimed = size % 8;
	if (!trace_reader_init(&reader, (struct str){ bytes, sizeof(bytes) }, &err))
		abort();
	while (trace_reader_next(&reader, &record, &tid))
		trace_ledger_add(&ledger, &record, tid);
	if (ledger.live > ledger.block_count)
		abort();
	trace_ledger_deinit(&ledger);
	trace_reader_deinit(&reader);
	return 0;
}
