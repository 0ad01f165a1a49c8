// Processes by what users call them.
#pragma once

#include <stdbool.h>

struct error;
struct process_ids;

// An id, or the name of exactly one running process, as `ps` shows it (at most 15 bytes
// of it are the kernel's). Several of that name are an error that lists them.
bool process_find(const char *word, int *pid, struct error *err)
	__attribute__((warn_unused_result));

// Appends all processes but goprof itself.
void process_find_all(struct process_ids *out);
