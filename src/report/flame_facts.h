// What a flame graph page says about its profile: where it comes from and how far it can
// be trusted.
#pragma once

#include <stdint.h>

struct flame;
struct json;
struct report_options;

// Members of the open object: program, types, type, scale, facts, filters. times is by
// type; 0 is left out.
void flame_facts_write(const struct flame *flame, const struct report_options *options,
		       const int64_t *times, struct json *j);
