// One growing buffer; with a descriptor behind it, it is emptied whenever it is full.
#include "base/writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"

enum { BUFFER_SIZE = 64 * 1024 };

struct writer writer_to_fd(int fd)
{
	struct writer w = { .fd = fd };

	w.buffer = table_reserve(NULL, &w.capacity, BUFFER_SIZE, 1);
	return w;
}

struct writer writer_to_memory(void)
{
	return writer_to_fd(-1);
}

void writer_deinit(struct writer *w)
{
	free(w->buffer);
	*w = (struct writer){ .fd = -1 };
}

static void write_all(struct writer *w, const char *p, size_t left)
{
	while (left > 0 && w->errnum == 0) {
		ssize_t written = write(w->fd, p, left);

		if (written < 0 && errno != EINTR)
			w->errnum = errno;
		if (written < 0)
			continue;
		p += written;
		left -= (size_t)written;
	}
}

// Makes room for size more bytes, or for none where a descriptor takes them at once.
static bool make_room(struct writer *w, size_t size)
{
	if (size <= w->capacity - w->used)
		return true;
	if (w->fd < 0) {
		w->buffer = table_reserve(w->buffer, &w->capacity, w->used + size, 1);
		return true;
	}
	write_all(w, w->buffer, w->used);
	w->used = 0;
	return size <= w->capacity;
}

void writer_bytes(struct writer *w, const void *bytes, size_t size)
{
	if (size == 0)
		return;
	if (!make_room(w, size)) {
		write_all(w, bytes, size);
		return;
	}
	memcpy(w->buffer + w->used, bytes, size);
	w->used += size;
}

void writer_format(struct writer *w, const char *format, ...)
{
	char text[512];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if ((size_t)length < sizeof(text)) {
		writer_bytes(w, text, (size_t)length);
		return;
	}

	char *longer = NULL;

	va_start(args, format);
	length = vasprintf(&longer, format, args);
	va_end(args);
	if (length < 0)
		arena_out_of_memory(sizeof(text));
	writer_bytes(w, longer, (size_t)length);
	free(longer);
}

// Digits up to `end`, from the first of them on.
static char *put_digits(char *end, uint64_t value)
{
	do {
		*--end = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	return end;
}

void writer_u64(struct writer *w, uint64_t value)
{
	char digits[20], *end = digits + sizeof(digits);
	char *first = put_digits(end, value);

	writer_bytes(w, first, (size_t)(end - first));
}

void writer_i64(struct writer *w, int64_t value)
{
	if (value < 0)
		writer_char(w, '-');
	writer_u64(w, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void writer_i64_wide(struct writer *w, int64_t value, size_t width)
{
	char digits[32], *end = digits + sizeof(digits);
	char *first = put_digits(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);

	if (value < 0)
		*--first = '-';
	while ((size_t)(end - first) < width && first > digits)
		*--first = ' ';
	writer_bytes(w, first, (size_t)(end - first));
}

bool writer_finish(struct writer *w, struct error *err)
{
	if (w->fd >= 0) {
		write_all(w, w->buffer, w->used);
		w->used = 0;
	}
	if (w->errnum != 0)
		return error_set_errno(err, w->errnum, "writing the output");
	return true;
}

struct str writer_contents(const struct writer *w)
{
	return (struct str){ w->buffer, w->used };
}
