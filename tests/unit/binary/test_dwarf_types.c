// The structures of this very test, as its own DWARF has them.
#include "binary/dwarf_types.h"

#include <stddef.h>

#include "base/error.h"
#include "binary/elf.h"
#include "test.h"

// What the tests look for must be used, or the compiler leaves it out.
struct dwarf_types_inner {
	char small;
	uint64_t large[3];
};

struct dwarf_types_outer {
	uint32_t first;
	const struct dwarf_types_inner *pointer;
	struct dwarf_types_inner inner;
};

static struct dwarf_types_outer dwarf_types_variable;

static struct elf *open_self(struct dwarf_types *types)
{
	struct error err;
	struct elf *elf;

	dwarf_types_variable.inner.small++;
	if (!elf_open("/proc/self/exe", &elf, &err))
		return NULL;
	dwarf_types_open(types, elf);
	return elf;
}

static void check_field(struct dwarf_types *types, uint64_t entry, struct str path,
			struct dwarf_field expected)
{
	struct dwarf_field field = { 99, 99 };

	CHECK(dwarf_types_field(types, entry, path, &field));
	CHECK_INT(field.offset, expected.offset);
	CHECK_INT(field.size, expected.size);
}

TEST(dwarf_types_finds_fields)
{
	struct dwarf_wanted wanted[] = {
		{ STR("dwarf_types_outer"), false, 0 },
		{ STR("dwarf_types_variable"), true, 0 },
		{ STR("dwarf_types_nowhere"), false, 0 },
	};
	struct dwarf_types types;
	struct elf *elf = open_self(&types);
	struct dwarf_field field;

	CHECK(elf != NULL);
	dwarf_types_find(&types, wanted, 3);
	CHECK(wanted[2].entry == DWARF_NONE);
	CHECK(!dwarf_types_field(&types, wanted[2].entry, STR(""), &field));
	for (int i = 0; i < 2; i++) {
		uint64_t entry = wanted[i].entry;

		CHECK(entry != DWARF_NONE);
		check_field(&types, entry, STR(""),
			    (struct dwarf_field){ 0, sizeof(struct dwarf_types_outer) });
		check_field(&types, entry, STR("pointer"), (struct dwarf_field){ 8, 8 });
		check_field(&types, entry, STR("inner.small"),
			    (struct dwarf_field){ 16, 1 });
		CHECK(!dwarf_types_field(&types, entry, STR("inner.none"), &field));
		CHECK(!dwarf_types_field(&types, entry, STR("pointer.small"), &field));
	}
	dwarf_types_close(&types);
	elf_close(elf);
}

TEST(dwarf_types_of_no_dwarf)
{
	struct dwarf_types types = { 0 };
	struct dwarf_wanted wanted = { STR("dwarf_types_outer"), false, 0 };

	dwarf_types_find(&types, &wanted, 1);
	CHECK(wanted.entry == DWARF_NONE);
	dwarf_types_close(&types);
}
