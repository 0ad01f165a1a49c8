// One growing buffer; with a descriptor behind it, it is emptied whenever it is full.
#include "base/writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pages.h"

static bool reserve_pages(struct writer *w, size_t wanted)
{
	char *buffer = pages_reserve(w->buffer, &w->capacity, wanted, 1);

	if (buffer == NULL)
		return false;
	w->buffer = buffer;
	return true;
}

static void release_pages(struct writer *w)
{
	pages_release(w->buffer, w->capacity, 1);
}

struct writer writer_to_pages(void)
{
	static const struct writer_store store = { reserve_pages, release_pages };

	return (struct writer){ .fd = -1, .store = &store };
}

void writer_deinit(struct writer *w)
{
	if (w->store != NULL)
		w->store->release(w);
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
		if (w->errnum == 0 && !w->store->reserve(w, w->used + size))
			w->errnum = ENOMEM;
		return w->errnum == 0;
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
		if (w->fd >= 0)
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
	if (length < 0) {
		w->errnum = w->errnum != 0 ? w->errnum : errno;
		return;
	}
	if ((size_t)length < sizeof(text)) {
		writer_bytes(w, text, (size_t)length);
		return;
	}
	// Longer texts are formatted in place, a NUL included.
	if (!make_room(w, (size_t)length + 1) &&
	    !w->store->reserve(w, (size_t)length + 1)) {
		w->errnum = ENOMEM;
		return;
	}
	va_start(args, format);
	vsnprintf(w->buffer + w->used, (size_t)length + 1, format, args);
	va_end(args);
	w->used += (size_t)length;
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
