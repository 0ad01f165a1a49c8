// Writers whose buffer is on the heap: all but those of the recorder.
#include <stdlib.h>

#include "base/arena.h"
#include "base/writer.h"

enum { BUFFER_SIZE = 64 * 1024 };

static bool reserve(struct writer *w, size_t wanted)
{
	w->buffer = table_reserve(w->buffer, &w->capacity, wanted, 1);
	return true;
}

static void release(struct writer *w)
{
	free(w->buffer);
}

struct writer writer_to_fd(int fd)
{
	static const struct writer_store store = { reserve, release };
	struct writer w = { .fd = fd, .store = &store };

	w.buffer = table_reserve(NULL, &w.capacity, BUFFER_SIZE, 1);
	return w;
}

struct writer writer_to_memory(void)
{
	return writer_to_fd(-1);
}
