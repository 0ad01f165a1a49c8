// Commands of the shell: `top10 focus -ignore -cum >file`.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct error;
struct report_format;
struct report_request;

// The next word of a line, "" behind the last.
struct str shell_words_next(struct str *rest);

// The format that a command names, also with digits behind it ("top10"); NULL for none.
const struct report_format *shell_words_format(struct str word);

// What a command asks for, starting from the settings. Words that are kept are copied
// into the arena.
bool shell_words_parse(struct str line, const struct report_request *settings,
		       struct arena *arena, struct report_request *out, struct error *err)
	__attribute__((warn_unused_result));
