// Finds the runtime's variables in a program without symbols, by instructions that refer
// to them. The functions those are in are known from pclntab, which stripping leaves.
#pragma once

#include "golang/version.h"

struct elf;
struct go_symbols;
struct pclntab;

// Adds each variable that is not in `symbols` yet and on whose place the instructions of
// several functions agree; one that they do not agree on is not added. Addresses are the
// file's own.
void go_recipe_apply(const struct elf *elf, const struct pclntab *pclntab,
		     struct go_version version, struct go_symbols *symbols);
