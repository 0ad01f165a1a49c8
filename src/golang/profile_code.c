// From points to rows, each once.
#include "golang/profile_code.h"

#include "base/hash.h"
#include "binary/elf.h"
#include "golang/code.h"
#include "golang/process.h"
#include "profile/builder.h"

enum { LINES_MAX = 128 };

// The extent of the program in memory, by its segments.
static struct profile_mapping mapping_of(const struct go_process *process,
					 struct profile *profile)
{
	struct profile_mapping mapping = {
		.start = UINT64_MAX,
		.file = profile_intern(profile, process->path),
		.has_functions = true,
		.has_filenames = true,
		.has_line_numbers = true,
		.has_inline_frames = true,
	};

	for (size_t i = 0; i < process->elf->segment_count; i++) {
		const Elf64_Phdr *segment = &process->elf->segments[i];
		uint64_t start = (segment->p_vaddr & ~(uint64_t)0xfff) + process->bias;
		uint64_t limit = segment->p_vaddr + segment->p_memsz + process->bias;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0)
			continue;
		if (start < mapping.start) {
			mapping.start = start;
			mapping.offset = segment->p_offset & ~(uint64_t)0xfff;
		}
		mapping.limit = limit > mapping.limit ? limit : mapping.limit;
	}
	return mapping;
}

void profile_code_init(struct profile_code *code, struct go_process *process,
		       struct profile_builder *builder)
{
	*code = (struct profile_code){ .process = process, .builder = builder };
	code->mapping = profile_builder_add_mapping(
		builder, mapping_of(process, builder->profile));
}

void profile_code_deinit(struct profile_code *code)
{
	map_deinit(&code->locations);
	fold_deinit(&code->functions);
}

static uint32_t function_row(struct profile_code *code, struct str name, struct str file,
			     uint32_t start_line)
{
	struct profile *profile = code->builder->profile;
	struct profile_function function = {
		.name = profile_intern(profile, name),
		.filename = profile_intern(profile, file),
		.start_line = start_line,
	};
	uint64_t hash = hash_mix(function.name, function.filename);
	uint32_t row;
	size_t slot;

	function.system_name = function.name;
	fold_reserve(&code->functions, 1);
	slot = fold_start(&code->functions, hash);
	while ((row = fold_next(&code->functions, hash, &slot)) != FOLD_NONE) {
		if (profile->functions[row].name == function.name &&
		    profile->functions[row].filename == function.filename)
			return row;
	}
	row = profile_builder_add_function(code->builder, function);
	fold_add(&code->functions, hash, slot, row);
	return row;
}

static bool is_panic(enum go_role role)
{
	return role == GO_ROLE_GOPANIC || role == GO_ROLE_SIGPANIC ||
	       role == GO_ROLE_PANICWRAP;
}

static uint32_t add_location(struct profile_code *code, const struct go_point *point)
{
	struct profile_line lines[LINES_MAX];
	enum go_role callee = GO_ROLE_NONE;
	size_t count = 0;
	uint32_t row;

	go_code_lines(code->process->code, point);
	for (size_t i = 0; i < point->line_count && i < LINES_MAX; i++) {
		const struct go_line *line = &point->lines[i];

		if (!line->is_wrapper || is_panic(callee))
			lines[count++] = (struct profile_line){
				.function = function_row(code, line->name, line->file,
							 line->start_line),
				.line = line->line,
			};
		callee = line->role;
	}
	if (count == 0)
		return PROFILE_NONE;
	row = profile_builder_location(code->builder, code->mapping,
				       point->is_exact ? point->pc : point->pc - 1);
	if (code->builder->profile->locations[row].line_count == 0)
		profile_builder_set_lines(code->builder, row, lines, count);
	return row;
}

uint32_t profile_code_location(struct profile_code *code, const struct go_point *point)
{
	uint32_t *row = map_put(&code->locations, (uint64_t)(uintptr_t)point);

	// An absent row is stored as MAP_NONE, which is PROFILE_NONE, and looked for
	// anew.
	if (*row == MAP_NONE)
		*row = add_location(code, point);
	return *row;
}

uint32_t profile_code_named(struct profile_code *code, struct str name)
{
	struct profile_line line = {
		.function = function_row(code, name, STR(""), 0),
	};
	// Addresses outside of any mapping, as small as these, fold by the function.
	uint32_t row =
		profile_builder_location(code->builder, PROFILE_NONE, line.function + 1);

	if (code->builder->profile->locations[row].line_count == 0)
		profile_builder_set_lines(code->builder, row, &line, 1);
	return row;
}
