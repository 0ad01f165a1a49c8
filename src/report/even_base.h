// Makes the two profiles of a difference equally heavy.
#pragma once

struct profile;

// Multiplies what comes from the base of a difference (merge_base_take) so that in each
// column it takes away exactly what the other profile has: shares are compared then,
// not amounts. Columns whose base has nothing, and profiles without a base, stay.
void even_base_apply(struct profile *profile);
