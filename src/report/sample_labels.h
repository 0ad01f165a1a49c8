// The labels of one sample gathered by key, as texts.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/writer.h"
#include "profile/profile.h"

enum label_kind { LABEL_STRING, LABEL_NUMBER };

// All labels of one key and kind of a sample: walk them with sample_labels_next.
struct label_group {
	const struct profile *profile;
	struct profile_labels_view view;
	enum label_kind kind;
	size_t head; // the first of them
};

// Moves `at` (from group->head on) to the next label of the group, in file order; NULL
// behind the last.
const struct profile_label *sample_labels_next(const struct label_group *group,
					       size_t *at);

// Whether some number of the group has a unit.
bool sample_labels_have_unit(const struct label_group *group);

// Buffers for the texts of one sample after the other. Zero-initialised is empty and
// valid; texts are valid until the next sample_labels_make.
struct sample_labels {
	struct writer buffer;
	size_t *ends;
	struct str *texts; // count of them, in the order of their bytes
	size_t count, end_capacity, text_capacity;
};

void sample_labels_deinit(struct sample_labels *labels);

// Makes a text of each group of label list `set`.
void sample_labels_make(struct sample_labels *labels, const struct profile *profile,
			uint32_t set, enum label_kind kind,
			void (*print)(const void *context,
				      const struct label_group *group, struct writer *w),
			const void *context);
