// One write for one line.
#include "recorder/talk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void talk(const char *format, ...)
{
	static const char prefix[] = "libgoprof: ";
	char line[1200];
	size_t used = sizeof(prefix) - 1;
	int length, errnum = errno;
	va_list args;

	memcpy(line, prefix, used);
	va_start(args, format);
	length = vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	if (length > 0)
		used += strlen(line + used);
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		errno = errnum;
	errno = errnum;
}
