// Pages on a heap dump, plain HTML with links: types, objects, what they point to and
// what points to them, roots, the dominator tree.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "heapdump/census.h"
#include "heapdump/dominators.h"

struct http_request;
struct opened_dump;
struct writer;

// Borrows the dump.
struct dump_pages {
	struct opened_dump *dump;
	struct census census; // by type
	struct dominators_children children;
};

void dump_pages_init(struct dump_pages *pages, struct opened_dump *dump);
void dump_pages_deinit(struct dump_pages *pages);

// Writes the page of the request's path; false where there is no such page or what it
// names.
bool dump_pages_write(struct dump_pages *pages, const struct http_request *request,
		      struct writer *w);
