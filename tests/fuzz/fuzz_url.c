// Completes hostile words as URLs; what results must be a request line's worth.
#include <stdlib.h>

#include "base/arena.h"
#include "source/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct url_wish wish = { .seconds = size % 3 };
	const char *word =
		str_terminated(&arena, (struct str){ (const char *)data, size });
	struct url url;

	if (url_parse(word, &wish, &arena, &url)) {
		if (str_find_char(url.request, '\n') >= 0 || url.timeout_seconds <= 0)
			abort();
		(void)url_of_symbols(&url, &arena);
	}
	arena_deinit(&arena);
	return 0;
}
