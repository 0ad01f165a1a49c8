// What the cgroup of a process lets it use of the processors (version 2: cpu.max,
// cpu.stat).
#pragma once

#include <stdint.h>

// Processors on average: the least quota of its cgroup and those above; 0: no limit, or
// none that can be read.
double schedule_cgroup_read_quota(int pid);

// For how long its cgroup was held back so far, and how often; zeros where it has no
// limit.
void schedule_cgroup_read_throttling(int pid, uint64_t *ns, uint64_t *periods);
