// An HTML page complete in one file: styles, markup, data, script.
#pragma once

#include "base/str.h"

struct writer;

struct page {
	struct str css, body, script; // our own
	struct str data;              // JSON for the script, in the element "profile"
};

// Nothing but the page's own script runs, and nothing is fetched.
void page_write(const struct page *page, struct writer *w);
