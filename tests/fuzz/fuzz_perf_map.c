// Parses hostile perf maps and looks addresses up in them.
#include <stdlib.h>
#include <string.h>

#include "binary/perf_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file_view view = { malloc(size + 1), size, false };

	memcpy((uint8_t *)view.bytes, data, size);
	struct perf_map *map = perf_map_from_view_take(view);

	for (uint64_t address = 1; address != 0; address <<= 1)
		(void)perf_map_find(map, address);
	perf_map_close(map);
	return 0;
}
