// Looks up every name of layout_fields.h.
#include "golang/layout_dwarf.h"

#include <string.h>

#include "base/cleanup.h"
#include "binary/dwarf_types.h"
#include "golang/layout.h"
#include "golang/layout_fields.h"

enum { NAMES_MAX = 64 };

// The names that are looked for: `of` says for which group.
struct search {
	struct dwarf_types types;
	struct dwarf_wanted wanted[NAMES_MAX];
	uint16_t of[NAMES_MAX];
	size_t count;
};

// Cuts the first of names that are separated by " | ".
static bool cut_name(struct str *names, struct str *out)
{
	ptrdiff_t at = str_find(*names, STR(" | "));

	if (names->n == 0)
		return false;
	*out = at == STR_NOT_FOUND ? *names : str_slice(*names, 0, (size_t)at);
	*names = at == STR_NOT_FOUND ? STR("") : str_after(*names, (size_t)at + 3);
	return true;
}

static bool cut_word(struct str *text, struct str word)
{
	if (!str_starts_with(*text, word))
		return false;
	*text = str_after(*text, word.n);
	return true;
}

static void collect_names(struct search *search)
{
	for (size_t i = 0; i < go_layout_group_count; i++) {
		struct str names = go_layout_groups[i].types, name;

		while (search->count < NAMES_MAX && cut_name(&names, &name)) {
			bool is_variable = cut_word(&name, STR("var "));

			search->of[search->count] = (uint16_t)i;
			search->wanted[search->count++] =
				(struct dwarf_wanted){ name, is_variable, DWARF_NONE };
		}
	}
}

// The number that one name of a field stands for.
static bool find_number(struct search *search, uint64_t type, struct str path,
			int32_t *out)
{
	bool wants_size = cut_word(&path, STR("sizeof "));
	struct dwarf_field field;
	uint64_t value;

	if (str_equal(path, STR("SIZE"))) {
		path = STR("");
		wants_size = true;
	}
	if (!dwarf_types_field(&search->types, type, path, &field))
		return false;
	value = wants_size ? field.size : field.offset;
	if (value > INT32_MAX)
		return false;
	*out = (int32_t)value;
	return true;
}

static int32_t find_member(struct search *search, size_t group, struct str paths)
{
	struct str path;
	int32_t number;

	while (cut_name(&paths, &path)) {
		for (size_t i = 0; i < search->count; i++) {
			if (search->of[i] == group &&
			    search->wanted[i].entry != DWARF_NONE &&
			    find_number(search, search->wanted[i].entry, path, &number))
				return number;
		}
	}
	return GO_ABSENT;
}

bool go_layout_from_dwarf(struct elf *elf, struct go_layout *out)
{
	struct search search = { .count = 0 };

	collect_names(&search);
	dwarf_types_open(&search.types, elf);
	dwarf_types_find(&search.types, search.wanted, search.count);
	*out = (struct go_layout){ 0 };
	for (size_t i = 0; i < go_layout_group_count; i++) {
		const struct go_layout_group *group = &go_layout_groups[i];

		for (size_t j = group->first; j < (size_t)group->first + group->count;
		     j++) {
			const struct go_layout_field *field = &go_layout_fields[j];
			int32_t number = find_member(&search, i, field->paths);

			memcpy((char *)out + field->member, &number, sizeof(number));
		}
	}
	dwarf_types_close(&search.types);
	return out->g.goid != GO_ABSENT && out->g.stack_lo != GO_ABSENT;
}
