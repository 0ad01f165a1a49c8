// Prints the variables that recipes find in a Go program, without a look at its symbols:
// "runtime.allgs 56f2a0" a line. For tests/golang/recipes.py.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/build_info.h"
#include "golang/recipe.h"
#include "golang/symbols.h"

int main(int argc, char **argv)
{
	struct go_symbols symbols = { 0 };
	struct go_build_info info;
	struct go_version version;
	struct pclntab *pclntab;
	struct error err;
	struct elf *elf;

	if (argc != 2 || !elf_open(argv[1], &elf, &err) ||
	    !go_build_info_read(elf, &info) || !go_version_parse(info.version, &version))
		return 1;
	pclntab = pclntab_open(elf);
	if (pclntab == NULL)
		return 1;
	go_recipe_apply(elf, pclntab, version, &symbols);
	for (uint32_t i = 0; i < symbols.names.count; i++)
		printf("%.*s %" PRIx64 "\n", (int)symbols.names.strings[i].n,
		       symbols.names.strings[i].p, symbols.addresses[i]);
	go_symbols_deinit(&symbols);
	pclntab_close(pclntab);
	elf_close(elf);
	return 0;
}
