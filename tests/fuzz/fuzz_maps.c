// Parses hostile lines of /proc/PID/maps.
#include <stdlib.h>

#include "target/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size }, line;
	struct maps_entry entry;

	while (str_cut(&rest, '\n', &line)) {
		if (maps_parse_line(line, &entry) && entry.start >= entry.limit)
			abort();
	}
	return 0;
}
