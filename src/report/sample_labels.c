// Gathers labels by key.
#include "report/sample_labels.h"

#include <stdlib.h>

#include "profile/profile.h"

static bool is_of_kind(const struct profile_label *label, enum label_kind kind)
{
	if (kind == LABEL_STRING)
		return label->string != 0;
	return label->string == 0 && (label->number != 0 || label->unit != 0);
}

static struct label_group *find_or_add(struct label_groups *groups, struct str key,
				       size_t most, struct arena *arena)
{
	struct label_group *group;

	for (size_t i = 0; i < groups->count; i++) {
		if (str_equal(groups->groups[i].key, key))
			return &groups->groups[i];
	}
	group = &groups->groups[groups->count++];
	*group = (struct label_group){
		.key = key,
		.labels = arena_array(arena, most, sizeof(struct profile_label *)),
	};
	return group;
}

static int compare_texts(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

void sample_labels_sort(struct str *texts, size_t count)
{
	qsort(texts, count, sizeof(*texts), compare_texts);
}

struct label_groups sample_labels(const struct profile *profile, uint32_t set,
				  enum label_kind kind, struct arena *arena)
{
	struct profile_labels_view view = profile_labels(profile, set);
	struct label_groups groups = { 0 };

	if (view.count == 0)
		return groups;
	groups.groups = arena_array(arena, view.count, sizeof(*groups.groups));
	for (size_t i = 0; i < view.count; i++) {
		struct label_group *group;

		if (!is_of_kind(&view.labels[i], kind))
			continue;
		group = find_or_add(&groups, profile_string(profile, view.labels[i].key),
				    view.count, arena);
		group->labels[group->count++] = &view.labels[i];
		group->has_unit |= view.labels[i].unit != 0;
	}
	return groups;
}
