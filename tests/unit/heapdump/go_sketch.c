// The record grammar of runtime/heapdump.go.
#include "go_sketch.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "heapdump/go_dump.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "test.h"

void go_sketch_number(struct go_sketch *sketch, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		writer_char(&sketch->w, (char)(value | 0x80));
	writer_char(&sketch->w, (char)value);
}

void go_sketch_text(struct go_sketch *sketch, const char *text)
{
	go_sketch_number(sketch, strlen(text));
	writer_text(&sketch->w, text);
}

struct go_sketch go_sketch_of_version(const char *version)
{
	struct go_sketch sketch = { writer_to_memory() };
	static const uint64_t numbers[] = { 6, 0, 8, 0, 0 };

	writer_text(&sketch.w, GO_DUMP_MAGIC);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		go_sketch_number(&sketch, numbers[i]);
	go_sketch_text(&sketch, "amd64");
	go_sketch_text(&sketch, version);
	go_sketch_number(&sketch, 2);
	return sketch;
}

static void write_range(struct go_sketch *sketch, uint64_t size, const uint64_t *pointers,
			size_t count)
{
	go_sketch_number(sketch, size);
	writer_bytes(&sketch->w, pointers, count * sizeof(*pointers));
	for (uint64_t i = count * sizeof(*pointers); i < size; i++)
		writer_char(&sketch->w, '\0');
	for (size_t i = 0; i < count; i++) {
		go_sketch_number(sketch, 1);
		go_sketch_number(sketch, i * sizeof(*pointers));
	}
	go_sketch_number(sketch, 0);
}

void go_sketch_object(struct go_sketch *sketch, uint64_t address, uint64_t size,
		      const uint64_t *pointers, size_t count)
{
	go_sketch_number(sketch, 1);
	go_sketch_number(sketch, address);
	write_range(sketch, size, pointers, count);
}

void go_sketch_bss(struct go_sketch *sketch, uint64_t address, const uint64_t *pointers,
		   size_t count)
{
	go_sketch_number(sketch, 13);
	go_sketch_number(sketch, address);
	write_range(sketch, count * sizeof(*pointers), pointers, count);
}

static void open_bytes(struct go_sketch *sketch, size_t size, struct heap *out)
{
	uint8_t *bytes = malloc(size);
	struct error err;

	memcpy(bytes, writer_contents(&sketch->w).p, size);
	writer_deinit(&sketch->w);
	if (!heap_open_view_take((struct file_view){ bytes, size, false }, "sketch", out,
				 &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

void go_sketch_open(struct go_sketch *sketch, struct heap *out)
{
	go_sketch_number(sketch, 0);
	open_bytes(sketch, writer_contents(&sketch->w).n, out);
}

void go_sketch_open_part(struct go_sketch *sketch, size_t size, struct heap *out)
{
	open_bytes(sketch, size, out);
}
