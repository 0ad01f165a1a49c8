// The string table of a profile.proto file that is to be written.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct profile;

// The strings that the profile uses, in the order of first use; the empty one is first.
struct proto_strings {
	uint32_t *indices; // id of a used string -> index in the file
	uint32_t *written; // ids by index in the file; count of them
	size_t count;
};

void proto_strings_init(struct proto_strings *strings, const struct profile *profile);
void proto_strings_deinit(struct proto_strings *strings);
