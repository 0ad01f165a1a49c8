// Perf maps: what a just-in-time compiler says of the code it made.
// tools/perf/Documentation/jit-interface.txt of the Linux kernel.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"
#include "base/str.h"

struct error;
struct perf_map;

// /tmp/perf-PID.map as the process itself sees it, inside its container too; else the
// host's.
bool perf_map_open(uint32_t pid, struct perf_map **out, struct error *err)
	__attribute__((warn_unused_result));

// A map at hand, lines of "START SIZE name" in hexadecimal; others are skipped. Takes the
// view over.
struct perf_map *perf_map_from_view_take(struct file_view view);
void perf_map_close(struct perf_map *map);

// The name given last for an address, which the compiler may have reused; empty where
// there is none. Lives as long as the map.
struct str perf_map_find(const struct perf_map *map, uint64_t address);
