// The layout of a release that no table knows, from the DWARF of the program itself.
#pragma once

#include <stdbool.h>

struct elf;
struct go_layout;

// Fills in all but the releases it is right for. False where the program has no DWARF of
// the runtime. What the program's DWARF does not describe is GO_ABSENT, as what the
// release does not have: linkers leave out types that nothing refers to.
bool go_layout_from_dwarf(struct elf *elf, struct go_layout *out);
