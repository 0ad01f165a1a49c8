// The source text of a flame's functions with what each line weighs, for pages that show
// it without a server.
#pragma once

#include <stdint.h>

struct flame;
struct json;
struct report_options;

// The member "sources" of the open object:
//   functions  the heaviest first, as many as the budget allows: {"frame", "file" (a row
//              of files), "spans": [{"first", "lines": [text, ...]}, ...] around the
//              lines that weigh something, "count" and "weights": a string of numbers
//              (flame_numbers.h), a record for each line that weighs something: lines on
//              from the record before, flat and cum of each column}
//   files      {"path", "reason"}: why the file is not at hand, "" where it is; without
//   it
//              a function has no spans
//   left       how many functions there was no room for
//   budget     of how many bytes
// Nothing where frames are not functions. frame_numbers are those of the page, by frame,
// UINT32_MAX for what it does not hold. The flame must have kept its stacks.
void flame_sources_write(const struct flame *flame, const struct report_options *options,
			 const uint32_t *frame_numbers, struct json *j);
