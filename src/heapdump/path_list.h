// Ways from the roots to the objects that a user asked for: by address, or by a part of
// the name of their type or site.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "heapdump/paths.h"

struct dominators;
struct error;
struct heap;
struct json;
struct writer;

// Objects, those that retain most first; a block that it owns. Borrows heap and
// dominators.
struct path_list {
	struct heap *heap;
	const struct dominators *dominators;
	uint32_t *objects;
	size_t count; // of those listed
	size_t found; // of all that match
	struct paths paths;
};

// `wanted` is an address (0x...) or a part of a name. At most `most` are listed, 0: all.
// Fails where nothing matches.
bool path_list_init(struct path_list *list, struct heap *heap,
		    const struct dominators *dominators, struct str wanted, size_t most,
		    struct error *err) __attribute__((warn_unused_result));
void path_list_deinit(struct path_list *list);

void path_list_text(const struct path_list *list, struct writer *w);
void path_list_json(const struct path_list *list, struct json *json);
