// Programs that show what a report drew: browsers, and the viewers of pictures and call
// graphs that pprof knows.
#pragma once

#include <stdbool.h>

struct error;

// A new file in the temporary folder.
struct viewer_file {
	int fd;
	char path[4096];
};

// The suffix tells the viewer what it is: "svg".
bool viewer_file_create(struct viewer_file *file, const char *suffix, struct error *err)
	__attribute__((warn_unused_result));
void viewer_file_discard(struct viewer_file *file);

// Opens the file in the viewer, a command, or where that is "" in $BROWSER or the first
// browser found, and says where it is. The file stays: a viewer may read it late, and a
// page may be reloaded. A machine without any browser is no failure, one without the
// viewer that was named is.
bool viewer_file_show(struct viewer_file *file, const char *viewer, struct error *err)
	__attribute__((warn_unused_result));

// Opens an address; says on stderr when there is no browser.
void viewer_show_url(const char *url);
