// Which functions and addresses of a profile a pattern is about.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

struct error;
struct profile;
struct weights;

// Borrows the profile; owned by its user.
struct interest {
	uint8_t *is_used;      // by location: in some sample that counts
	uint8_t *is_marked;    // by location: a used one that the pattern is about
	struct interner names; // of functions, as printed and as in the program
};

// Marks locations with a function whose name or source file matches, whose program file
// matches, or that are at the address where the pattern is one. False when there is none.
bool interest_init(struct interest *interest, const struct profile *profile,
		   const struct weights *weights, struct str pattern, struct error *err)
	__attribute__((warn_unused_result));
void interest_deinit(struct interest *interest);

bool interest_has(const struct interest *interest, struct str name);
