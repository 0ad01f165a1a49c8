// ELF files: header, segments, sections (decompressed on demand), notes. Every offset and
// count is bounded against the file before it is used. 64-bit little-endian only, the
// rest is refused by name. Source: System V ABI, "Object Files".
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"

struct error;

struct elf_section {
	struct str name;
	uint32_t type;
	uint64_t flags, address, offset, size, entry_size;
	uint32_t link;
};

// Owns the view of the file and whatever was inflated from it.
struct elf {
	struct file_view view;
	struct arena arena;
	uint16_t type, machine; // ET_EXEC, ET_DYN, ...; EM_X86_64, ...
	uint64_t entry;
	const Elf64_Phdr *segments; // copied into the arena, aligned
	size_t segment_count;
	struct elf_section *sections;
	size_t section_count;
	struct str build_id; // raw bytes of the GNU note, "" where there is none
	struct str
		*inflated; // by section: malloc'ed contents of compressed ones met so far
};

bool elf_open(const char *path, struct elf **out, struct error *err)
	__attribute__((warn_unused_result));

// Takes the bytes over, also on failure.
bool elf_from_view_take(struct file_view view, const char *name, struct elf **out,
			struct error *err) __attribute__((warn_unused_result));

void elf_close(struct elf *elf);

// NULL where there is no such section.
const struct elf_section *elf_find_section(const struct elf *elf, const char *name);

// The contents: a view of the file, or the inflated bytes (SHF_COMPRESSED and .zdebug_*),
// kept from then on. Empty for SHT_NOBITS, for a missing section and for one that cannot
// be read.
struct str elf_contents(struct elf *elf, const struct elf_section *section);
struct str elf_named_contents(struct elf *elf, const char *name);

// The bytes of the file behind [address, address + size) by the PT_LOAD segments; empty
// when not all of them are in the file.
struct str elf_at_address(const struct elf *elf, uint64_t address, uint64_t size);

// The description of the first note of that owner ("GNU", "Go") and type, in sections or
// segments; empty where there is none.
struct str elf_note(const struct elf *elf, const char *owner, uint32_t type);

// The address in the file's own terms of a file offset inside an executable PT_LOAD, or
// on the page that one starts in.
bool elf_address_of_offset(const struct elf *elf, uint64_t offset, uint64_t *address);
