// Finds the unit of each numeric label.
#include "report/label_units.h"

#include <stdlib.h>

#include "profile/profile.h"

static struct label_unit *find_or_add(struct label_units *units, size_t *capacity,
				      struct arena *arena, uint32_t key)
{
	for (size_t i = 0; i < units->count; i++) {
		if (units->units[i].key == key)
			return &units->units[i];
	}
	if (units->count == *capacity) {
		struct label_unit *more;

		*capacity = *capacity == 0 ? 8 : 2 * *capacity;
		more = arena_array(arena, *capacity, sizeof(*more));
		if (units->count > 0)
			memcpy(more, units->units, units->count * sizeof(*more));
		units->units = more;
	}
	units->units[units->count] = (struct label_unit){ .key = key };
	return &units->units[units->count++];
}

static bool contains(const struct str *words, size_t count, struct str word)
{
	for (size_t i = 0; i < count; i++) {
		if (str_equal(words[i], word))
			return true;
	}
	return false;
}

static int compare_words(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

enum { OTHERS_MAX = 16 };

// The units other than the chosen one that labels of this key have, sorted.
static struct str other_units(const struct profile *profile,
			      const struct label_unit *unit, struct arena *arena)
{
	struct str words[OTHERS_MAX], text = STR("");
	size_t count = 0;

	for (size_t i = 0; i < profile->label_sets.label_count; i++) {
		const struct profile_label *label = &profile->label_sets.labels[i];
		struct str word = profile_string(profile, label->unit);

		if (label->key == unit->key && label->string == 0 && word.n > 0 &&
		    !str_equal(word, unit->unit) && count < OTHERS_MAX &&
		    !contains(words, count, word))
			words[count++] = word;
	}
	qsort(words, count, sizeof(words[0]), compare_words);
	for (size_t i = 0; i < count; i++)
		text = str_format(arena, "%.*s%s%.*s", (int)text.n, text.p,
				  i == 0 ? "" : ", ", (int)words[i].n, words[i].p);
	return text;
}

static void finish(const struct profile *profile, struct label_unit *unit,
		   struct arena *arena, void (*warn)(void *, struct str), void *context)
{
	struct str key = profile_string(profile, unit->key), others;

	if (unit->unit.n == 0) {
		bool is_bytes = str_equal(key, STR("alignment")) ||
				str_equal(key, STR("request"));

		unit->unit = is_bytes ? STR("bytes") : key;
		return;
	}
	others = other_units(profile, unit, arena);
	if (others.n > 0)
		warn(context,
		     str_format(arena,
				"For tag %.*s used unit %.*s, also encountered unit(s) "
				"%.*s",
				(int)key.n, key.p, (int)unit->unit.n, unit->unit.p,
				(int)others.n, others.p));
}

struct label_units label_units_find(const struct profile *profile, struct arena *arena,
				    void (*warn)(void *context, struct str sentence),
				    void *context)
{
	struct label_units units = { 0 };
	size_t capacity = 0;

	for (size_t i = 0; i < profile->label_sets.label_count; i++) {
		const struct profile_label *label = &profile->label_sets.labels[i];
		struct label_unit *unit;

		if (label->string != 0 || (label->number == 0 && label->unit == 0))
			continue;
		unit = find_or_add(&units, &capacity, arena, label->key);
		if (unit->unit.n == 0)
			unit->unit = profile_string(profile, label->unit);
	}
	for (size_t i = 0; i < units.count; i++)
		finish(profile, &units.units[i], arena, warn, context);
	return units;
}

struct str label_units_of(const struct label_units *units, uint32_t key)
{
	for (size_t i = 0; i < units->count; i++) {
		if (units->units[i].key == key)
			return units->units[i].unit;
	}
	return STR("");
}
