// Pages shown in the user's browser.
#pragma once

#include <stdbool.h>

struct error;

// A new file in the temporary folder.
struct browser_page {
	int fd;
	char path[4096];
};

bool browser_page_create(struct browser_page *page, struct error *err)
	__attribute__((warn_unused_result));
void browser_page_discard(struct browser_page *page);

// Opens the page in $BROWSER or the first browser found and says where it is. The file
// stays: a browser may read it late, and a page may be reloaded.
void browser_page_show(struct browser_page *page);

// Opens an address; says on stderr when there is no browser.
void browser_show_url(const char *url);
