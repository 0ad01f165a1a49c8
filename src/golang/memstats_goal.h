// The heap size at which the next collection ends, as runtime.MemStats.NextGC gives it.
#pragma once

#include <stdint.h>

struct go_process;

// From the bytes of runtime.gcController. Source: heapGoalInternal and
// memoryLimitHeapGoal in src/runtime/mgcpacer.go.
uint64_t memstats_goal(const struct go_process *process, const uint8_t *controller);
