// The generated table behind recipe.h, oldest release first.
#pragma once

#include <stddef.h>
#include <stdint.h>

// An instruction that refers to a variable: `code`, `length` bytes of it, `offset` bytes
// into `function`. At `position` in it stand the four bytes of the distance from the next
// instruction to `addend` bytes into the variable; here they are zero.
struct go_recipe {
	const char *variable, *function, *code;
	int32_t addend;
	uint16_t offset;
	uint8_t position, length;
};

// Those of one minor release, from a patch release of it up to the next line's; recipes
// of one variable follow each other.
struct go_recipe_line {
	uint8_t minor, first_patch;
	const struct go_recipe *recipes;
	size_t count;
};

extern const struct go_recipe_line go_recipe_lines[];
extern const size_t go_recipe_line_count;
