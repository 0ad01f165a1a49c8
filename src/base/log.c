// Writes one line a call, so that lines of threads do not mix.
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 1, 0))) static void line(const char *format, va_list args)
{
	char text[2048];

	vsnprintf(text, sizeof(text), format, args);
	fprintf(stderr, "goprof: %s\n", text);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (getenv("GOPROF_DEBUG") == NULL)
		return;
	va_start(args, format);
	line(format, args);
	va_end(args);
}
