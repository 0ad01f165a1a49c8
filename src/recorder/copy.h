// Copies of the recording, which is flat and only ever grows: what happened in a time is
// a later copy less an earlier one.
#pragma once

#include <stddef.h>

#include "profile/recording_kinds.h"

struct recording;

// NULL where there is no recording, or no memory. For copy_free.
struct recording *copy_take(void);
void copy_free(struct recording *copy);

// Takes from a later copy the events of one profile that an earlier copy has. Live heap
// that became less in between counts as none.
void copy_subtract(struct recording *later, const struct recording *earlier,
		   const struct recording_profile *profile);
