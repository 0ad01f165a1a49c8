// Names from the servers that profiles were fetched from, for what has none.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "binary/demangle.h"

struct fetch_options;
struct profile;
struct url;

// Which server knows a mapping: by its build id, else its file, else by having neither.
struct remote_source {
	struct str key;
	uint64_t start; // where that server has it mapped
	const struct url *url;
};

// Zero-initialised is empty.
struct remote_sources {
	struct arena arena;
	struct remote_source *items;
	size_t count, capacity;
};

void remote_sources_deinit(struct remote_sources *sources);

// Notes the mappings of a profile that came from the URL, which is borrowed. To be called
// before profiles are merged.
void remote_sources_note(struct remote_sources *sources, const struct profile *profile,
			 const struct url *url);

struct remote_symbols_options {
	const struct fetch_options *fetch;
	enum demangle_style style;
	bool force; // ask also about mappings that have names
};

// Where to put sentences about servers that did not answer.
struct remote_symbols_sink {
	void (*warn)(struct remote_symbols_sink *sink, const char *text);
};

// Asks for the functions of locations without lines, in mappings without functions, by
// POST of "0xADDRESS+0xADDRESS...", one request a mapping and all at once.
void remote_symbols_add(struct profile *profile, const struct remote_sources *sources,
			const struct remote_symbols_options *options,
			struct remote_symbols_sink *sink);

// Takes the lines "0xADDRESS NAME" of an answer as the functions of a mapping's locations
// (PROFILE_NONE: of those in none); offset is what was added to their addresses to ask.
void remote_symbols_apply(struct profile *profile, uint32_t mapping, uint64_t offset,
			  struct str answer, enum demangle_style style);
