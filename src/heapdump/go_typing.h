// Types of the objects of a Go heap, followed from the program's globals: a field of type
// *T leads to a T.
#pragma once

struct elf;
struct heap;

// Classifies the heap and then names the types of what can be reached by typed pointers:
// from globals (by DWARF), from interfaces and from objects whose type is known already.
// `elf` is the program; one without symbols, or position-independent, changes nothing.
// Objects keep the class of their size where no typed pointer leads to their start.
void go_typing_apply(struct heap *heap, struct elf *elf);
