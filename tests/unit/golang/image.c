// One mapping, handed out piece by piece.
#include "image.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

void image_init(struct image *image, const struct go_layout *layout)
{
	*image = (struct image){ .process = { .pid = getpid(), .layout = layout } };
	image->bytes = mmap(NULL, IMAGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(image->bytes != MAP_FAILED);
	image->process.version = layout->first;
	image->process.live = live_memory_of(image->process.pid);
	image->process.memory = &image->process.live.memory;
	page_cache_init(&image->process.kept, image->process.memory);
}

void image_deinit(struct image *image)
{
	page_cache_deinit(&image->process.kept);
	go_symbols_deinit(&image->process.symbols);
	munmap(image->bytes, IMAGE_BYTES);
}

uint64_t image_room(struct image *image, size_t size)
{
	uint64_t address = (uint64_t)(uintptr_t)image->bytes + image->used;

	image->used += (size + 63) & ~(size_t)63;
	CHECK(image->used <= IMAGE_BYTES);
	return address;
}

uint64_t image_variable(struct image *image, struct str name, size_t size)
{
	uint64_t address = image_room(image, size);

	go_symbols_add(&image->process.symbols, name, address);
	return address;
}

void image_put(uint64_t address, int64_t offset, uint64_t value, size_t size)
{
	CHECK(offset >= 0);
	memcpy((uint8_t *)(uintptr_t)address + offset, &value, size);
}
