// The words of `goprof KIND ...`: source, options of the kind, report flags.
#pragma once

#include <stdbool.h>

#include "cmd/report_flags.h"
#include "source/capture.h"

struct error;

// Zero-initialised but for the kind and the flags. Strings are words of argv.
struct capture_words {
	const char *kind;
	const char *source, *binary; // binary: behind a core file
	char *const *command;        // in place of a source, NULL: none
	struct report_flags flags;
	struct capture_options options;
	const char *output;
	int debug;    // 0: a profile
	bool is_json; // of the text that debug asks for
};

// Whether it is a kind that shows one moment.
bool capture_words_is_moment(const struct capture_words *words);

bool capture_words_parse(struct capture_words *words, int argc, char **argv,
			 struct error *err) __attribute__((warn_unused_result));
