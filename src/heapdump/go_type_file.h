// Go's type descriptors in a program file: names, sizes and what their parts are. Source:
// internal/abi/type.go (runtime/type.go before Go 1.21).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct elf;

enum go_kind {
	GO_KIND_ARRAY = 17,
	GO_KIND_CHAN = 18,
	GO_KIND_FUNC = 19,
	GO_KIND_INTERFACE = 20,
	GO_KIND_MAP = 21,
	GO_KIND_POINTER = 22,
	GO_KIND_SLICE = 23,
	GO_KIND_STRING = 24,
	GO_KIND_STRUCT = 25,
	GO_KIND_UNSAFE_POINTER = 26,
};

struct go_type {
	uint64_t size, pointer_bytes;
	unsigned kind;    // enum go_kind, or that of a number
	uint64_t element; // address: of array, chan, map, pointer, slice
	uint64_t inner;   // of a map: what its buckets or groups are
	uint64_t count;   // elements of an array, fields of a struct
	uint64_t fields;  // address of the list of a struct's fields
	bool has_methods; // of an interface: its first word is an itab
	struct str name;
};

struct go_type_file {
	struct elf *elf;
	uint64_t names;      // runtime.types
	struct arena *arena; // of names
};

// False where the file has no descriptors.
bool go_type_file_init(struct go_type_file *file, struct elf *elf, struct arena *arena);

// False where there is no type at the address.
bool go_type_file_read(const struct go_type_file *file, uint64_t address,
		       struct go_type *out);

// The type and offset of a struct's field.
bool go_type_file_field(const struct go_type_file *file, const struct go_type *type,
			uint64_t index, uint64_t *field_type, uint64_t *offset);

// A word of the file's data, 0 outside of it.
uint64_t go_type_file_word(const struct go_type_file *file, uint64_t address);
