// What a heap dump of this process consists of, written by a copy of it that does not
// change any more.
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "recorder/heap_dump.h"

struct world;

// Seen by the process and its copy.
struct dump_shared {
	_Atomic uint64_t pause_ns; // 0: not known yet
};

struct dump_content {
	enum heap_dump_form form;
	struct world *world;
	struct dump_shared *shared;
	uint64_t sp; // of the thread that asks
};

// 0, or an errno. Everything it takes is gone with the copy.
int dump_content_write(int fd, struct dump_content *content);
