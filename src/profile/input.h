// Every format that a profile may be written in.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct error;
struct profile;

// One format. `is_likely` looks at the beginning of plain bytes; `decode` borrows them
// for the call and keeps nothing of them.
struct input_format {
	const char *name; // as in "a damaged NAME"
	bool (*is_likely)(struct str bytes);
	bool (*decode)(struct str bytes, struct profile **out, struct error *err);
};

// Decodes bytes of any format, gzipped or zstd-compressed or plain. ERROR_UNSUPPORTED
// means that no format looks like them; otherwise the text says what is damaged.
bool input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
