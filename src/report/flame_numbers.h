// Numbers as the page reads them: five bits a character, in the alphabet of base64, the
// lowest first; 32 says that more follows. flame_data.h says which columns are made of
// them.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct flame;
struct writer;

void flame_numbers_write(struct writer *w, uint64_t value);

// Small whether below or above zero (zigzag).
void flame_numbers_write_signed(struct writer *w, int64_t value);

// A signed value of each column that the page does not make from the first one.
void flame_numbers_write_values(struct writer *w, const struct flame *flame,
				const int64_t *values);
