// /proc/PID/smaps: how much of each mapping is in memory; and the limit of its cgroup.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/maps.h"

struct error;

struct smaps_entry {
	struct maps_entry map;
	uint64_t rss, swap; // bytes
};

// All entries in address order; names are views of `text`.
struct smaps {
	struct smaps_entry *entries;
	size_t count, capacity;
	void *text;
};

bool smaps_read(int pid, struct smaps *out, struct error *err)
	__attribute__((warn_unused_result));
void smaps_deinit(struct smaps *smaps);

// The least memory limit of its cgroup (version 2) and of those around it, in bytes; 0:
// none, or none that can be seen from here.
uint64_t smaps_cgroup_limit(int pid);
