// One question to a heap dump as the user asked it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "heapdump/naming.h"

struct error;
struct heap;
struct json;
struct writer;

// Strings are words of argv.
struct heapdump_request {
	const char *words[2]; // files, and what else the question takes
	enum naming_by by;
	uint64_t count; // rows to show, 0: all
	uint64_t depth;
	const char *binary; // the program's file, NULL: none
	bool is_json;
	const char *http; // NULL: a free port of this machine
	bool no_browser;
	const char *output; // "-": stdout
};

// argv[0] is the question; it takes `words` words.
bool heapdump_request_parse(int argc, char **argv, unsigned words,
			    struct heapdump_request *out, struct error *err)
	__attribute__((warn_unused_result));

// What a question writes: its text, or the members of one JSON object.
struct heapdump_page {
	void (*text)(const struct heapdump_page *page, struct writer *w);
	void (*json)(const struct heapdump_page *page, struct json *json);
};

// Writes it where the request says; the file appears complete or not at all.
bool heapdump_request_write(const struct heapdump_request *request,
			    const struct heapdump_page *page, struct error *err)
	__attribute__((warn_unused_result));
