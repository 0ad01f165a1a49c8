// The labels of goroutines (runtime/pprof.Do and SetGoroutineLabels).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct go_process;

struct go_label {
	struct str key, value;
};

// Sorted by key. Strings live in the reader's arena.
struct go_label_list {
	const struct go_label *labels;
	size_t count;
};

// Goroutines share label sets with those that started them, so each set is read once in a
// look. Zero-initialised but for the process.
struct goroutine_labels {
	struct go_process *process;
	struct arena arena;
	struct map rows; // by address -> list
	struct go_label_list *lists;
	size_t count, capacity;
};

void goroutine_labels_deinit(struct goroutine_labels *reader);

// The labels at g.labels, none for 0 and for what cannot be read.
struct go_label_list goroutine_labels_at(struct goroutine_labels *reader,
					 uint64_t address);
