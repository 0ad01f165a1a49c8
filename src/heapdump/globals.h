// Splits segments of globals into the variables of the program file, so that roots have
// names.
#pragma once

#include <stdbool.h>

struct elf;
struct heap;

// Replaces each root of kind data or bss by one for each variable in it (symbols of
// objects in .symtab), and one of the old name for each stretch between them. Addresses
// are moved by what a position-independent program was loaded at, if the symbols tell.
// Borrowed names: the file must outlive the heap. False where the file names none of
// them: it is stripped, or another program's.
bool globals_split(struct heap *heap, struct elf *elf);
