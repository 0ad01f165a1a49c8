// runtime.MemStats as text and JSON.
#pragma once

#include <stdint.h>

struct memstats;
struct writer;

// The foot of /debug/pprof/heap?debug=1. max_rss: bytes, the largest that the process
// was; 0: not known, and left out.
void memstats_text_foot(const struct memstats *stats, uint64_t max_rss, struct writer *w);

// A table for people, with the sizes of objects that are in use.
void memstats_text_table(const struct memstats *stats, struct writer *w);

// One object with Go's names, as encoding/json writes runtime.MemStats.
void memstats_text_json(const struct memstats *stats, struct writer *w);
