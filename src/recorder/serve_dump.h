// Heap dumps at an endpoint.
#pragma once

#include "base/str.h"

struct error;

// A file of nobody else's, at its start, with the dump that the query asks for: with
// "contents=0" pointers alone. -1 with an error. The caller closes it.
int serve_dump_open(struct str query, struct error *err);
