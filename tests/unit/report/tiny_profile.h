// Small profiles by hand: stacks as words.
#pragma once

#include <stdint.h>

struct profile;

// A profile with the one value type samples/count.
struct profile *tiny_profile_create(void);

// Adds a sample whose stack is written root first, functions separated by blanks; a '+'
// before a name inlines it into the one before: "main work +step".
void tiny_profile_add(struct profile *profile, const char *stack, int64_t value);
