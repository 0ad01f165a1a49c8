// Strings copied and formatted into arenas.
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"

struct str str_copy(struct arena *arena, struct str s)
{
	return (struct str){ str_terminated(arena, s), s.n };
}

char *str_terminated(struct arena *arena, struct str s)
{
	char *copy = arena_alloc(arena, s.n + 1);

	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	return copy;
}

struct str str_format(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return (struct str){ text, (size_t)length };
}
