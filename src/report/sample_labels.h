// The labels of one sample gathered by key.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct profile;

enum label_kind { LABEL_STRING, LABEL_NUMBER };

// All labels of one key and kind; rows of the label table of the profile, in file order.
struct label_group {
	struct str key;
	const struct profile_label **labels;
	size_t count;
	bool has_unit; // some number has one
};

struct label_groups {
	struct label_group *groups; // in order of first use
	size_t count;
};

struct label_groups sample_labels(const struct profile *profile, uint32_t set,
				  enum label_kind kind, struct arena *arena);

// Sorts what was made of the groups: texts show labels in the order of their words.
void sample_labels_sort(struct str *texts, size_t count);
