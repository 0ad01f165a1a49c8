// Demangles hostile symbols in every style.
#include "base/arena.h"
#include "binary/demangle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct str symbol = { (const char *)data, size };

	for (int style = DEMANGLE_SHORT; style <= DEMANGLE_NONE; style++)
		(void)demangle(&arena, symbol, (enum demangle_style)style);
	arena_deinit(&arena);
	return 0;
}
