// The program files behind the mappings of a profile, opened when first asked for.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mapped_code;
struct module;
struct profile;

// Borrows the profile.
struct mapped_code *mapped_code_create(const struct profile *profile);
void mapped_code_destroy(struct mapped_code *code);

// Where an address of that mapping is in its file; the module lives as long as the code.
// False where there is no file.
bool mapped_code_find(struct mapped_code *code, uint32_t mapping, uint64_t address,
		      struct module **module, uint64_t *file_address);
