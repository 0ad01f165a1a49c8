// Numbers with the suffixes of sizes: 512k, 64m, 1g.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// False where the text is no such number; out is untouched then.
bool number_read(struct str text, uint64_t *out);
