// Compressed bytes from anywhere: gzip, zlib and zstd, within their limits.
#include <stdlib.h>

#include "base/error.h"
#include "base/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	uint8_t exact[4096], *block;
	struct error err;
	size_t made;

	if (inflate_gzip(bytes, &block, &made, &err))
		free(block);
	if (inflate_zstd(bytes, &block, &made, &err))
		free(block);
	(void)!inflate_zlib(bytes, exact, sizeof(exact), &err);
	return 0;
}
