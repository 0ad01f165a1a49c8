// Formats failures into the caller's fixed buffer.
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return false;
}

static enum error_code code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ESRCH:
	case ENXIO:
		return ERROR_NOT_FOUND;
	case EPERM:
	case EACCES:
		return ERROR_PERMISSION;
	case ENOSYS:
	case EOPNOTSUPP:
		return ERROR_UNSUPPORTED;
	default:
		return ERROR_SYSTEM;
	}
}

bool error_set_errno(struct error *err, int errnum, const char *format, ...)
{
	va_list args;
	size_t length;

	err->code = code_of_errno(errnum);
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	length = strlen(err->text);
	snprintf(err->text + length, sizeof(err->text) - length, ": %s",
		 strerror(errnum));
	return false;
}

bool error_wrap(struct error *err, const char *format, ...)
{
	char cause[sizeof(err->text)];
	size_t length;
	va_list args;

	memcpy(cause, err->text, sizeof(cause));
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	length = strlen(err->text);
	snprintf(err->text + length, sizeof(err->text) - length, ": %s", cause);
	return false;
}

bool error_append(struct error *err, const char *format, ...)
{
	size_t length = strlen(err->text);
	va_list args;

	va_start(args, format);
	vsnprintf(err->text + length, sizeof(err->text) - length, format, args);
	va_end(args);
	return false;
}
