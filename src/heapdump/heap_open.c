// Knows formats by their first bytes.
#include "heapdump/heap_open.h"

#include "base/error.h"
#include "heapdump/dump_format.h"
#include "heapdump/go_dump.h"
#include "heapdump/goprof_dump.h"
#include "heapdump/heap.h"

struct known_format {
	struct str magic;
	bool (*read)(struct heap *heap, struct error *err);
};

static const struct known_format formats[] = {
	{ { GO_DUMP_MAGIC, sizeof(GO_DUMP_MAGIC) - 1 }, go_dump_read },
	{ { DUMP_MAGIC, sizeof(DUMP_MAGIC) - 1 }, goprof_dump_read },
};

static bool read_format(struct heap *heap, struct error *err)
{
	struct str start = { (const char *)heap->file.bytes, heap->file.size };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (str_starts_with(start, formats[i].magic))
			return formats[i].read(heap, err);
	}
	return error_set(err, ERROR_FORMAT,
			 "no heap dump: give a file that debug.WriteHeapDump or goprof "
			 "wrote");
}

bool heap_open_view_take(struct file_view view, const char *name, struct heap *out,
			 struct error *err)
{
	struct heap heap = { .file = view };

	if (!read_format(&heap, err)) {
		heap_deinit(&heap);
		return error_wrap(err, "%s", name);
	}
	*out = heap;
	return true;
}

bool heap_open(const char *path, struct heap *out, struct error *err)
{
	struct file_view view;

	return file_view_open(path, &view, err) &&
	       heap_open_view_take(view, path, out, err);
}
