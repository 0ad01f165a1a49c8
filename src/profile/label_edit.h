// Changes the labels of all samples at once.
#pragma once

#include <stdint.h>

#include "base/str.h"
#include "profile/profile.h"

// Whether a label stays.
typedef bool label_edit_keeps(void *context, const struct profile_label *label);

// Which rows of label_sets samples have; a block of label_sets.count bytes that the
// caller frees.
uint8_t *label_edit_used(const struct profile *profile);

// Asks about every label of every list in use. Lists that become equal are folded.
void label_edit_filter(struct profile *profile, label_edit_keeps *keeps, void *context);

// Gives all samples the string label key=value, in place of others with that key.
void label_edit_set(struct profile *profile, struct str key, struct str value);

// Removes the string labels with that key.
void label_edit_remove(struct profile *profile, struct str key);
