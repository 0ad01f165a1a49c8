// A Go runtime's variables and structures as a test writes them: memory of this very
// process, read as any other process is.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "golang/layout.h"
#include "golang/process.h"

enum { IMAGE_BYTES = 1 << 20 };

struct image {
	struct go_process process;
	uint8_t *bytes; // IMAGE_BYTES, zeros where nothing was put
	size_t used;
};

// The release is that of the layout.
void image_init(struct image *image, const struct go_layout *layout);
void image_deinit(struct image *image);

// Room for a structure; what it is named is found by that name.
uint64_t image_room(struct image *image, size_t size);
uint64_t image_variable(struct image *image, struct str name, size_t size);

// Writes an integer of 1 to 8 bytes at address + offset.
void image_put(uint64_t address, int64_t offset, uint64_t value, size_t size);
