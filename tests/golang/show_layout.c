// Prints where a Go program's DWARF and goprof's table of its release put a field of the
// runtime, for each that they do not agree on, then how many fields they agree on. For
// tests/golang/layouts.py.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "binary/elf.h"
#include "golang/build_info.h"
#include "golang/layout.h"
#include "golang/layout_dwarf.h"
#include "golang/layout_fields.h"
#include "golang/version.h"

static int32_t member(const struct go_layout *layout, size_t offset)
{
	int32_t value;

	memcpy(&value, (const char *)layout + offset, sizeof(value));
	return value;
}

int main(int argc, char **argv)
{
	const struct go_layout *table;
	struct go_layout found;
	struct go_build_info info;
	struct go_version version;
	struct error err;
	struct elf *elf;
	int alike = 0;

	if (argc != 2 || !elf_open(argv[1], &elf, &err) ||
	    !go_build_info_read(elf, &info) || !go_version_parse(info.version, &version))
		return 1;
	table = go_layout_find(version);
	if (table == NULL || !go_layout_from_dwarf(elf, &found))
		return 1;
	for (size_t i = 0; i < go_layout_group_count; i++) {
		const struct go_layout_group *group = &go_layout_groups[i];

		for (size_t j = group->first; j < (size_t)group->first + group->count;
		     j++) {
			const struct go_layout_field *field = &go_layout_fields[j];
			int32_t ours = member(&found, field->member);
			int32_t known = member(table, field->member);

			alike += ours == known;
			if (ours != known)
				printf("%s: %s: %d, but the table has %d\n",
				       group->types.p, field->paths.p, ours, known);
		}
	}
	printf("%d alike\n", alike);
	elf_close(elf);
	return 0;
}
