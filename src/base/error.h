// One failure, as a sentence on the caller's stack.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// What a caller may react to. Everything else is told by the text alone.
enum error_code {
	ERROR_NONE,
	ERROR_FORMAT,      // the input is not what it claims to be
	ERROR_LIMIT,       // the input exceeds a stated limit
	ERROR_NOT_FOUND,   // no such file, process, function, label
	ERROR_PERMISSION,  // the kernel forbids it
	ERROR_UNSUPPORTED, // this build, kernel or file version cannot do it
	ERROR_SYSTEM,      // any other failure of the operating system
	ERROR_USAGE,       // the user's words are off
};

// Plain data: nothing to free. The text reads outside-in: "file: record: cause".
struct error {
	enum error_code code;
	char text[1024];
};

// Sets code and text and returns false, so that a failure is one line.
bool error_set(struct error *err, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// Same, with the code that fits errno and ": <strerror>" appended.
bool error_set_errno(struct error *err, int errnum, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// Prefixes "context: " to the text, keeps the code and returns false.
bool error_wrap(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// Appends to the text, keeps the code and returns false: what to try, behind the cause.
bool error_append(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
