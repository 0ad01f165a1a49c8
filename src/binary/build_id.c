// Writes build ids.
#include "binary/build_id.h"

#include "base/arena.h"

struct str build_id_text(struct arena *arena, struct str raw)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(arena, 2 * raw.n + 1);

	for (size_t i = 0; i < raw.n; i++) {
		text[2 * i] = digits[(uint8_t)raw.p[i] >> 4];
		text[2 * i + 1] = digits[raw.p[i] & 15];
	}
	return (struct str){ text, 2 * raw.n };
}

struct str build_id_path(struct arena *arena, struct str text)
{
	if (text.n < 4)
		return STR("");
	return str_format(arena, "%.2s/%.*s", text.p, (int)text.n - 2, text.p + 2);
}
