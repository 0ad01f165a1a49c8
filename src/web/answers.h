// What the pages can ask about a profile: one row each.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct error;
struct profile;
struct report_options;
struct writer;

struct answer;

// NULL where the path names none.
const struct answer *answer_find(struct str path);
const char *answer_type(const struct answer *answer);

// Further header lines, NULL: none.
const char *answer_headers(const struct answer *answer);

// Whether it is worth compressing.
bool answer_is_text(const struct answer *answer);

// Bytes after which it is cut, 0: it is whole.
size_t answer_limit(const struct answer *answer);

// Filters the profile in place, so it is called in a child process. `query` overrides the
// defaults.
bool answer_write(const struct answer *answer, struct profile *profile,
		  const struct report_options *defaults, struct str query,
		  struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
