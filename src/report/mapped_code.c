// Keeps one module for each file and build id of a profile.
#include "report/mapped_code.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/map.h"
#include "binary/module.h"
#include "binary/program_file.h"
#include "profile/profile.h"

struct mapped_code {
	const struct profile *profile;
	struct map rows;         // file and build id -> row of modules
	struct module **modules; // NULL: could not be opened
	size_t count;
	struct arena arena;
};

struct mapped_code *mapped_code_create(const struct profile *profile)
{
	struct mapped_code *code = table_zeroed(1, sizeof(*code));

	code->profile = profile;
	code->modules = table_zeroed(profile->mapping_count + 1, sizeof(*code->modules));
	return code;
}

void mapped_code_destroy(struct mapped_code *code)
{
	if (code == NULL)
		return;
	for (size_t i = 0; i < code->count; i++)
		module_close(code->modules[i]);
	free(code->modules);
	map_deinit(&code->rows);
	arena_deinit(&code->arena);
	free(code);
}

static struct module *open_module(struct mapped_code *code,
				  const struct profile_mapping *mapping)
{
	const struct program_file_query query = {
		.file = profile_string(code->profile, mapping->file),
		.build_id = profile_string(code->profile, mapping->build_id),
		.start = mapping->start,
		.limit = mapping->limit,
	};
	const struct module_options options = { 0 };
	struct module *module;
	struct str reason;

	// "[kernel.kallsyms]", "[vdso]" and memory without a file.
	if (query.file.n == 0 || query.file.p[0] == '[')
		return NULL;
	if (program_file_open(&query, &options, &code->arena, &module, &reason))
		return module;
	log_warn("no instructions of %.*s: %.*s", (int)query.file.n, query.file.p,
		 (int)reason.n, reason.p);
	return NULL;
}

bool mapped_code_find(struct mapped_code *code, uint32_t mapping, uint64_t address,
		      struct module **module, uint64_t *file_address)
{
	const struct profile_mapping *row;
	uint32_t *known;

	if (mapping == PROFILE_NONE || address == 0)
		return false;
	row = &code->profile->mappings[mapping];
	known = map_put(&code->rows, (uint64_t)row->file << 32 | row->build_id);
	if (*known == MAP_NONE) {
		*known = (uint32_t)code->count++;
		code->modules[*known] = open_module(code, row);
	}
	*module = code->modules[*known];
	return *module != NULL && module_address(*module, address, row->start, row->limit,
						 row->offset, file_address);
}
