// Times and durations in the words of Go's time package, for -raw.
#pragma once

#include <stdint.h>

struct writer;

// "Time: 2026-01-02 15:04:05.999 -0700 MST" and "Duration: 1m2.5s", a line each.
void go_time_print(struct writer *w, int64_t time_ns);
void go_time_print_duration(struct writer *w, int64_t duration_ns);
