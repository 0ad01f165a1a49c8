// The file format of speedscope.app: one sampled profile per value type.
#pragma once

#include <stdbool.h>

struct error;
struct profile;
struct report_options;
struct writer;

// JSON after the schema of speedscope.app/file-format-schema.json. The profile that opens
// first is the one of the asked value type.
bool speedscope_render(const struct profile *profile,
		       const struct report_options *options, struct writer *w,
		       struct error *err) __attribute__((warn_unused_result));
