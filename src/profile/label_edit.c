// Edits run over the distinct label lists; the samples follow in one pass.
#include "profile/label_edit.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "profile/tables.h"

// A label to be added to every list; key 0 with string 0 is none.
struct edit {
	label_edit_keeps *keeps;
	void *context;
	struct profile_label added;
};

uint8_t *label_edit_used(const struct profile *profile)
{
	uint8_t *used = table_zeroed(profile->label_sets.count + 1, 1);

	for (size_t i = 0; i < profile->sample_count; i++)
		used[profile->sample_labels[i]] = 1;
	return used;
}

static size_t longest_list(const struct profile *profile)
{
	size_t longest = 0;

	for (uint32_t i = 0; i < profile->label_sets.count; i++) {
		size_t count = profile_labels(profile, i).count;

		longest = count > longest ? count : longest;
	}
	return longest;
}

static size_t edit_list(const struct edit *edit, struct profile_labels_view list,
			struct profile_label *out)
{
	size_t count = 0;

	for (size_t i = 0; i < list.count; i++) {
		if (edit->keeps(edit->context, &list.labels[i]))
			out[count++] = list.labels[i];
	}
	if (edit->added.string != 0)
		out[count++] = edit->added;
	return count;
}

static void apply(struct profile *profile, const struct edit *edit)
{
	CLEANUP_FREE struct profile_label *out = NULL;
	CLEANUP_FREE uint32_t *rows = NULL;
	CLEANUP_FREE uint8_t *used = label_edit_used(profile);
	struct profile_label_sets edited = { 0 };
	struct fold known = { 0 };
	size_t capacity = 0, row_capacity = 0;

	out = table_reserve(NULL, &capacity, longest_list(profile) + 1, sizeof(*out));
	rows = table_reserve(NULL, &row_capacity, profile->label_sets.count,
			     sizeof(*rows));
	// Row 0 is the empty list, whether any sample has it or not.
	tables_fold_labels(&edited, &known, tables_hash_labels(NULL, 0), NULL, 0);
	for (uint32_t i = 0; i < profile->label_sets.count; i++) {
		size_t count;

		if (used[i] == 0)
			continue;
		count = edit_list(edit, profile_labels(profile, i), out);
		rows[i] = tables_fold_labels(&edited, &known,
					     tables_hash_labels(out, count), out, count);
	}
	for (size_t i = 0; i < profile->sample_count; i++)
		profile->sample_labels[i] = rows[profile->sample_labels[i]];
	fold_deinit(&known);
	free(profile->label_sets.labels);
	free(profile->label_sets.offsets);
	profile->label_sets = edited;
}

void label_edit_filter(struct profile *profile, label_edit_keeps *keeps, void *context)
{
	apply(profile, &(struct edit){ .keeps = keeps, .context = context });
}

static bool has_other_key(void *context, const struct profile_label *label)
{
	const uint32_t *key = context;

	return label->key != *key || label->string == 0;
}

void label_edit_set(struct profile *profile, struct str key, struct str value)
{
	uint32_t key_id = profile_intern(profile, key);

	apply(profile, &(struct edit){
			       .keeps = has_other_key,
			       .context = &key_id,
			       .added = { .key = key_id,
					  .string = profile_intern(profile, value) },
		       });
}

void label_edit_remove(struct profile *profile, struct str key)
{
	uint32_t key_id = interner_find(&profile->strings, key);

	if (key_id != MAP_NONE)
		label_edit_filter(profile, has_other_key, &key_id);
}
