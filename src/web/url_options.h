// The options of a report as the address of a page states them.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct error;
struct report_options;

// Sets what the query names, by the names of pprof's pages ("f" is focus, "g=lines");
// what is no option is left alone. `symbol` is what peek and source are about. Strings
// are copied into the arena.
bool url_options_take(struct str query, struct arena *arena, struct report_options *out,
		      struct error *err) __attribute__((warn_unused_result));
