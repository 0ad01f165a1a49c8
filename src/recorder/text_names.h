// The functions behind the addresses of a recording, looked up in the files of the
// process: only when text is asked for, and only in the thread that answers.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "profile/recording_names.h"

struct text_name {
	struct str function; // "" unknown; mangled
	struct str file;     // path of the module, "" unknown
	uint64_t offset;     // of the address from where the function starts
};

struct text_names {
	struct recording_names names;
	struct text_name *found; // by id - 1
	size_t found_count;
	struct str *images; // by module: files that are mapped
	size_t image_count;
};

void text_names_init(struct text_names *text, const struct recording *recording);
void text_names_deinit(struct text_names *text);

// First all addresses are noted, then all looked up at once. False for lack of memory.
void text_names_note(struct text_names *text, uint64_t address, uint32_t epoch);
bool text_names_look_up(struct text_names *text);

// Nothing known where the address was not noted.
struct text_name text_names_of(struct text_names *text, uint64_t address, uint32_t epoch);
