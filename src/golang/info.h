// What a Go program is and how its runtime is set: facts, not measurements.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "golang/process.h"

struct error;

// Numbers are -1 where they are not known. Strings are views of the process.
struct go_info {
	struct str version, path;              // runtime.Version(), the program file
	struct str main_module;                // "example.com/app v1.2.3"
	int64_t goroutines, system_goroutines; // the program's, the runtime's own
	int64_t threads;                       // the runtime has made
	int64_t processors;                    // GOMAXPROCS
	int64_t gc_percent;                    // GOGC; -1 also for off
	int64_t memory_limit;                  // GOMEMLIMIT, bytes; INT64_MAX: none
	int64_t collections;
	bool is_gc_off;
	bool has_symbols, is_position_independent;
	enum go_layout_origin layout; // where offsets come from
};

bool go_info_read(struct go_process *process, struct go_info *out, struct error *err)
	__attribute__((warn_unused_result));

// One line of the build information: "dep", "path version", "hash".
struct go_info_line {
	struct str kind, name, value;
};

// Cuts the next line off `rest`, which starts as info.modules; false at the end.
bool go_info_next_line(struct str *rest, struct go_info_line *out);
