// Numbers in few characters that need no escape.
#include "report/flame_numbers.h"

#include "base/writer.h"
#include "report/flame.h"

void flame_numbers_write(struct writer *w, uint64_t value)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; value >= 32; value >>= 5)
		writer_char(w, digits[32 + (value & 31)]);
	writer_char(w, digits[value]);
}

void flame_numbers_write_signed(struct writer *w, int64_t value)
{
	flame_numbers_write(w, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

void flame_numbers_write_values(struct writer *w, const struct flame *flame,
				const int64_t *values)
{
	for (size_t t = 0; t < flame->type_count; t++) {
		if (flame->times[t] == 0)
			flame_numbers_write_signed(w, values[t]);
	}
}
