// What the resident memory of a Go program is made of.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct go_process;
struct writer;

enum { MEMORY_PARTS = 11 };

// Bytes. All parts together are the resident memory; what the runtime counts as had from
// the system but no page stands for yet is a part with a minus sign.
struct memory_part {
	const char *name, *meaning;
	int64_t bytes;
};

struct memory_parts {
	struct memory_part parts[MEMORY_PARTS];
	uint64_t rss, swap;    // as the kernel has it
	uint64_t cgroup_limit; // 0: none
	uint64_t go_limit;     // GOMEMLIMIT, 0: none
	uint64_t released;     // address space that the runtime has given back
};

// Of a live process. The runtime's numbers and the kernel's are read one after the other,
// and a program that runs changes between.
bool memory_parts_read(const struct go_process *process, struct memory_parts *out,
		       struct error *err) __attribute__((warn_unused_result));

void memory_parts_write_text(const struct memory_parts *parts, struct writer *w);
void memory_parts_write_json(const struct memory_parts *parts, struct writer *w);
