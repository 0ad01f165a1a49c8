// Multiplies the values of samples.
#pragma once

#include <stdbool.h>

struct error;
struct profile;

// Multiplies each column by its ratio (type_count of them), rounding half away from zero.
// A sample stays only if a value in a column whose ratio is not 1 is then not 0; with all
// ratios 1 nothing changes.
void scale_columns(struct profile *profile, const double *ratios);

// The same ratio for all columns.
void scale_all(struct profile *profile, double ratio);

// Scales each column so that its sum becomes that of the base, which has the same types.
void scale_to_base(struct profile *profile, const struct profile *base);
