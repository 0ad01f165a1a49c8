// Gathers labels by key. A sample has few, so looking through all of them beats a table.
#include "report/sample_labels.h"

#include <stdlib.h>

static bool is_of_kind(const struct profile_label *label, enum label_kind kind)
{
	if (kind == LABEL_STRING)
		return label->string != 0;
	return label->string == 0 && (label->number != 0 || label->unit != 0);
}

const struct profile_label *sample_labels_next(const struct label_group *group,
					       size_t *at)
{
	const struct profile_label *labels = group->view.labels;

	while (*at < group->view.count) {
		const struct profile_label *label = &labels[(*at)++];

		if (label->key == labels[group->head].key &&
		    is_of_kind(label, group->kind))
			return label;
	}
	return NULL;
}

bool sample_labels_have_unit(const struct label_group *group)
{
	const struct profile_label *label;
	size_t at = group->head;

	while ((label = sample_labels_next(group, &at)) != NULL) {
		if (label->unit != 0)
			return true;
	}
	return false;
}

void sample_labels_deinit(struct sample_labels *labels)
{
	if (labels->buffer.buffer != NULL)
		writer_deinit(&labels->buffer);
	free(labels->ends);
	free(labels->texts);
	*labels = (struct sample_labels){ 0 };
}

// Whether no label before that one has its key and kind.
static bool is_first(const struct label_group *group)
{
	struct label_group whole = *group;
	size_t at = 0;

	return sample_labels_next(&whole, &at) == &group->view.labels[group->head];
}

static int compare_texts(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

// The buffer moves while it grows, so views of it are taken at the end.
static void view_texts(struct sample_labels *labels)
{
	size_t from = 0;

	labels->texts = table_reserve(labels->texts, &labels->text_capacity,
				      labels->count, sizeof(*labels->texts));
	for (size_t i = 0; i < labels->count; i++) {
		labels->texts[i] = str_slice(writer_contents(&labels->buffer), from,
					     labels->ends[i]);
		from = labels->ends[i];
	}
	if (labels->count > 1)
		qsort(labels->texts, labels->count, sizeof(*labels->texts),
		      compare_texts);
}

void sample_labels_make(struct sample_labels *labels, const struct profile *profile,
			uint32_t set, enum label_kind kind,
			void (*print)(const void *context,
				      const struct label_group *group, struct writer *w),
			const void *context)
{
	struct label_group group = { profile, profile_labels(profile, set), kind, 0 };

	if (labels->buffer.buffer == NULL)
		labels->buffer = writer_to_memory();
	labels->buffer.used = 0;
	labels->count = 0;
	for (; group.head < group.view.count; group.head++) {
		if (!is_of_kind(&group.view.labels[group.head], kind) ||
		    !is_first(&group))
			continue;
		print(context, &group, &labels->buffer);
		labels->ends = table_reserve(labels->ends, &labels->end_capacity,
					     labels->count + 1, sizeof(*labels->ends));
		labels->ends[labels->count++] = labels->buffer.used;
	}
	if (labels->count > 0)
		view_texts(labels);
}
