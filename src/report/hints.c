// Tells kinds of profiles apart and orders what their readers find.
#include "report/hints.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/hints_add.h"
#include "report/value.h"

struct kind_column {
	const char *type;
	enum hints_kind kind;
};

// The first that a profile has decides.
static const struct kind_column kind_columns[] = {
	{ "inuse_space", HINTS_HEAP }, { "alloc_space", HINTS_HEAP },
	{ "space", HINTS_HEAP },       { "delay", HINTS_WAIT },
	{ "cpu", HINTS_CPU },          { "samples", HINTS_CPU },
	{ "cycles", HINTS_CPU },       { "cpu-clock", HINTS_CPU },
	{ "task-clock", HINTS_CPU },
};

static bool choose_kind(struct hints *hints, struct error *err)
{
	const struct profile *profile = hints->profile;
	size_t count = sizeof(kind_columns) / sizeof(kind_columns[0]), first;

	for (size_t i = 0; i < count; i++) {
		size_t column = hints_column(profile, kind_columns[i].type);

		if (column == HINTS_NO_COLUMN)
			continue;
		hints->kind = kind_columns[i].kind;
		hints->column = column;
		hints->type = profile_string(profile, profile->types[column].type);
		hints->unit = profile_string(profile, profile->types[column].unit);
		return true;
	}
	if (!value_column(profile, STR(""), &first, err))
		return false;
	hints->type = profile_string(profile, profile->types[first].type);
	return error_set(err, ERROR_UNSUPPORTED,
			 "hints reads profiles of CPU time, of the heap, and of blocking "
			 "and mutexes, and this one counts %.*s: try goprof -top",
			 (int)hints->type.n, hints->type.p);
}

static void read_kind(struct hints *hints)
{
	switch (hints->kind) {
	case HINTS_CPU:
		hints_read_cpu(hints);
		return;
	case HINTS_HEAP:
		hints_read_heap(hints);
		return;
	case HINTS_WAIT:
		hints_read_wait(hints);
		return;
	}
}

static int compare(const void *left, const void *right)
{
	const struct hint *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	if (a->share != b->share && a->weight != HINT_QUALITY)
		return a->share > b->share ? -1 : 1;
	return strcmp(a->id, b->id);
}

bool hints_compute(const struct profile *profile, const struct hints_options *options,
		   struct hints *out, struct error *err)
{
	struct hints hints = { .profile = profile, .options = *options };

	if (!choose_kind(&hints, err))
		return false;
	read_kind(&hints);
	hints_read_quality(&hints);
	if (hints.count > 0)
		qsort(hints.items, hints.count, sizeof(*hints.items), compare);
	*out = hints;
	return true;
}

void hints_deinit(struct hints *hints)
{
	free(hints->items);
	arena_deinit(&hints->arena);
	*hints = (struct hints){ 0 };
}
