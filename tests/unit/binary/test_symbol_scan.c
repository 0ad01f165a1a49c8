// Names of this program's own functions, and files that are none.
#include "binary/symbol_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "test.h"

static struct str own_image(struct file_view *view)
{
	struct error err;

	if (!file_view_open("/proc/self/exe", view, &err))
		return STR("");
	return (struct str){ (const char *)view->bytes, view->size };
}

// Position-independent programs are linked at 0.
TEST(symbol_scan_finds_functions)
{
	extern const char __ehdr_start[];
	struct file_view view;
	struct str image = own_image(&view);
	uint64_t start = (uintptr_t)own_image - (uintptr_t)__ehdr_start, address = 0;
	struct symbol_scan_query queries[] = { { .address = 1 },
					       { .address = start + 1 } };

	CHECK(image.n > 0);
	CHECK(symbol_scan_address(image, 1, &address) && address == 1);
	CHECK(!symbol_scan_address(image, image.n, &address));
	symbol_scan(image, queries, 2);
	CHECK(queries[0].name.n == 0);
	CHECK_STR(queries[1].name, "own_image");
	CHECK(queries[1].start == start);
	file_view_close(&view);
}

// No truncation and no flipped byte may lead outside of the image.
TEST(symbol_scan_bears_damage)
{
	struct file_view view;
	struct str image = own_image(&view);
	size_t size = image.n < 65536 ? image.n : 65536;
	char *damaged = malloc(size);
	struct symbol_scan_query queries[2] = { { .address = 0x1000 },
						{ .address = 0x2000 } };
	uint64_t address;

	CHECK(damaged != NULL && size > 0);
	for (size_t i = 0; i < 64; i++) {
		memcpy(damaged, image.p, size);
		damaged[i] = (char)~damaged[i];
		symbol_scan((struct str){ damaged, size - i }, queries, 2);
		(void)symbol_scan_address((struct str){ damaged, i }, 0x100, &address);
	}
	free(damaged);
	file_view_close(&view);
}
