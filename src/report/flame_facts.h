// What a flame graph page says about its profile: where it comes from and how far it can
// be trusted.
#pragma once

struct flame;
struct json;
struct report_options;

// Members of the open object: program, types, type, scale, facts, notes, filters.
void flame_facts_write(const struct flame *flame, const struct report_options *options,
		       struct json *j);
