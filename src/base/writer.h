// Buffered output that remembers its first failure; writer_finish reports it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;

struct writer;

// Where the buffer of a writer comes from. reserve makes room for at least `wanted` bytes
// in all and returns false where there is none.
struct writer_store {
	bool (*reserve)(struct writer *w, size_t wanted);
	void (*release)(struct writer *w);
};

// Writes to a descriptor (borrowed), or collects everything in memory.
struct writer {
	char *buffer;
	size_t used, capacity;
	int fd; // -1: in memory
	int errnum;
	const struct writer_store *store;
};

// On the heap; out of memory ends the tool.
struct writer writer_to_fd(int fd);
struct writer writer_to_memory(void);

// In memory of its own, away from the heap; out of memory is a failure like any other.
struct writer writer_to_pages(void);

// Frees the buffer; what was not finished is dropped.
void writer_deinit(struct writer *w);

// Flushes to the descriptor; false with the first failure since the start. A closed pipe
// is a failure like any other.
bool writer_finish(struct writer *w, struct error *err)
	__attribute__((warn_unused_result));

// What was collected in memory; valid until the next write.
struct str writer_contents(const struct writer *w);

void writer_bytes(struct writer *w, const void *bytes, size_t size);
void writer_format(struct writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void writer_u64(struct writer *w, uint64_t value); // decimal
void writer_i64(struct writer *w, int64_t value);  // decimal

// Decimal, with blanks in front up to a width of at most 32.
void writer_i64_wide(struct writer *w, int64_t value, size_t width);

// For inner loops: room for at least `size` more bytes, of which writer_advance then
// takes what was filled. NULL when there is none: write it another way.
static inline char *writer_room(const struct writer *w, size_t size)
{
	return size <= w->capacity - w->used ? w->buffer + w->used : NULL;
}

static inline void writer_advance(struct writer *w, const char *end)
{
	w->used = (size_t)(end - w->buffer);
}

static inline void writer_str(struct writer *w, struct str s)
{
	writer_bytes(w, s.p, s.n);
}

static inline void writer_text(struct writer *w, const char *terminated)
{
	writer_str(w, str_from(terminated));
}

static inline void writer_char(struct writer *w, char c)
{
	if (w->used < w->capacity)
		w->buffer[w->used++] = c;
	else
		writer_bytes(w, &c, 1);
}
