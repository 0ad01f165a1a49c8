// Parses hostile kernel symbol lists and looks addresses up in them.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "binary/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file_view view = { malloc(size + 1), size, false };
	struct kallsyms *kallsyms = NULL;
	struct error err;

	memcpy((uint8_t *)view.bytes, data, size);
	if (!kallsyms_from_view_take(view, &kallsyms, &err))
		return 0;
	for (uint64_t address = 1; address != 0; address <<= 1)
		(void)kallsyms_find(kallsyms, address);
	kallsyms_close(kallsyms);
	return 0;
}
