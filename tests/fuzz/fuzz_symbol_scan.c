// Names addresses by hostile ELF files, as the recorder does inside a process.
#include <stdlib.h>

#include "binary/symbol_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str image = { (const char *)data, size };
	struct symbol_scan_query queries[8] = { 0 };
	uint64_t address = 0;

	(void)symbol_scan_address(image, size / 2, &address);
	for (size_t i = 0; i < 8; i++)
		queries[i].address = address + i * i * i * 64;
	symbol_scan(image, queries, 8);
	for (size_t i = 0; i < 8; i++) {
		const struct str *name = &queries[i].name;

		if (name->n > 0 && (name->p < image.p || name->n > size ||
				    (size_t)(name->p - image.p) > size - name->n))
			abort();
		if (name->n > 0 && queries[i].start > queries[i].address)
			abort();
	}
	return 0;
}
