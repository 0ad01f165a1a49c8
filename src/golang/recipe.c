// Applies recipes to the code of a program and takes the majority's word.
#include "golang/recipe.h"

#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/recipe_table.h"
#include "golang/symbols.h"

enum {
	// How far a patch release may have moved an instruction within its function.
	SEARCH = 256,
	// Nearby, the same bytes may refer to another variable: that many must agree.
	AGREEING_NEARBY = 3,
	CANDIDATES = 64,
};

struct code {
	uint64_t address;
	struct str bytes;
};

struct finder {
	const struct elf *elf;
	struct interner names;  // of the functions that recipes name
	struct code *functions; // by id of the name
};

// What the recipes of one variable point at.
struct ballot {
	uint64_t targets[CANDIDATES];
	unsigned votes[CANDIDATES];
	size_t count;
};

static const struct go_recipe_line *line_of(struct go_version version)
{
	const struct go_recipe_line *found = NULL;

	for (size_t i = 0; i < go_recipe_line_count; i++)
		if (go_recipe_lines[i].minor == version.minor &&
		    go_recipe_lines[i].first_patch <= version.patch)
			found = &go_recipe_lines[i];
	return found;
}

// Assembly and Go may each have a function of one name, one of them a wrapper, which is
// the smaller.
static void find_functions(struct finder *finder, const struct pclntab *pclntab)
{
	size_t count = pclntab_function_count(pclntab);
	struct pclntab_function function;

	for (size_t i = 0; i < count; i++) {
		if (!pclntab_function_at(pclntab, i, &function) ||
		    !str_starts_with(function.name, STR("runtime.")))
			continue;

		uint32_t id = interner_find(&finder->names, function.name);

		if (id == MAP_NONE || function.limit <= function.start ||
		    function.limit - function.start < finder->functions[id].bytes.n)
			continue;
		finder->functions[id] = (struct code){
			.address = function.start,
			.bytes = elf_at_address(finder->elf, function.start,
						function.limit - function.start),
		};
	}
}

// Whether the recipe's instruction stands there; fills in where it points.
static bool matches(const struct go_recipe *recipe, const struct code *code,
		    size_t offset, uint64_t *target)
{
	const char *p = code->bytes.p + offset;
	size_t behind = recipe->position + sizeof(int32_t);
	int32_t distance;

	if (offset + recipe->length > code->bytes.n ||
	    memcmp(p, recipe->code, recipe->position) != 0 ||
	    memcmp(p + behind, recipe->code + behind, recipe->length - behind) != 0)
		return false;
	memcpy(&distance, p + recipe->position, sizeof(distance));
	*target = code->address + offset + recipe->length + (uint64_t)(int64_t)distance -
		  (uint64_t)(int64_t)recipe->addend;
	return true;
}

static void vote(struct ballot *ballot, uint64_t target)
{
	size_t i = 0;

	while (i < ballot->count && ballot->targets[i] != target)
		i++;
	if (i == CANDIDATES)
		return;
	if (i == ballot->count) {
		ballot->targets[ballot->count++] = target;
		ballot->votes[i] = 0;
	}
	ballot->votes[i]++;
}

// A variable of the runtime is in data that is mapped writable, or was before relocation.
static bool is_data(const struct elf *elf, uint64_t address)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];

		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) == 0 &&
		    address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_memsz)
			return true;
	}
	return false;
}

static const struct code *code_of(const struct finder *finder,
				  const struct go_recipe *recipe)
{
	uint32_t id = interner_find(&finder->names, str_from(recipe->function));

	return &finder->functions[id];
}

static void ask_in_place(const struct finder *finder, const struct go_recipe *recipe,
			 struct ballot *ballot)
{
	uint64_t target;

	if (matches(recipe, code_of(finder, recipe), recipe->offset, &target) &&
	    is_data(finder->elf, target))
		vote(ballot, target);
}

// One vote for each place that the recipe may mean.
static void ask_nearby(const struct finder *finder, const struct go_recipe *recipe,
		       struct ballot *ballot)
{
	const struct code *code = code_of(finder, recipe);
	size_t first = recipe->offset > SEARCH ? recipe->offset - SEARCH : 0;
	size_t limit = (size_t)recipe->offset + SEARCH;
	uint64_t target, last = 0;

	for (size_t at = first; at <= limit && at < code->bytes.n; at++) {
		if (!matches(recipe, code, at, &target) || target == last ||
		    !is_data(finder->elf, target))
			continue;
		vote(ballot, target);
		last = target;
	}
}

// The winner needs more than all others together, so that a tie of guesses is no answer.
static uint64_t winner_of(const struct ballot *ballot, unsigned needed)
{
	unsigned total = 0, most = 0;
	uint64_t target = 0;

	for (size_t i = 0; i < ballot->count; i++) {
		total += ballot->votes[i];
		if (ballot->votes[i] > most) {
			most = ballot->votes[i];
			target = ballot->targets[i];
		}
	}
	return most >= needed && most * 2 > total ? target : 0;
}

// Whether another recipe before this one asks the same function for the same bytes.
static bool is_repeated(const struct go_recipe *recipes, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(recipes[i].function, recipes[index].function) == 0 &&
		    recipes[i].length == recipes[index].length &&
		    memcmp(recipes[i].code, recipes[index].code, recipes[i].length) == 0)
			return true;
	return false;
}

static uint64_t find_variable(const struct finder *finder,
			      const struct go_recipe *recipes, size_t count)
{
	struct ballot in_place = { .count = 0 }, nearby = { .count = 0 };

	for (size_t i = 0; i < count; i++)
		ask_in_place(finder, &recipes[i], &in_place);
	if (in_place.count > 0)
		return winner_of(&in_place, 1);
	for (size_t i = 0; i < count; i++)
		if (!is_repeated(recipes, i))
			ask_nearby(finder, &recipes[i], &nearby);
	return winner_of(&nearby, AGREEING_NEARBY);
}

static void find_variables(const struct finder *finder, const struct go_recipe_line *line,
			   struct go_symbols *symbols)
{
	size_t count;

	for (size_t i = 0; i < line->count; i += count) {
		const struct go_recipe *recipes = &line->recipes[i];
		struct str variable = str_from(recipes->variable);
		uint64_t address;

		count = 1;
		while (i + count < line->count &&
		       strcmp(recipes[count].variable, recipes->variable) == 0)
			count++;
		if (go_symbols_find(symbols, variable) != 0)
			continue;
		address = find_variable(finder, recipes, count);
		if (address != 0)
			go_symbols_add(symbols, variable, address);
	}
}

static bool is_complete(const struct go_recipe_line *line,
			const struct go_symbols *symbols)
{
	for (size_t i = 0; i < line->count; i++)
		if (go_symbols_find(symbols, str_from(line->recipes[i].variable)) == 0)
			return false;
	return true;
}

void go_recipe_apply(const struct elf *elf, const struct pclntab *pclntab,
		     struct go_version version, struct go_symbols *symbols)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	const struct go_recipe_line *line = line_of(version);
	struct finder finder = { .elf = elf };

	if (line == NULL || is_complete(line, symbols))
		return;
	for (size_t i = 0; i < line->count; i++)
		interner_add(&finder.names, NULL, str_from(line->recipes[i].function));
	finder.functions =
		arena_array(&arena, finder.names.count, sizeof(*finder.functions));
	find_functions(&finder, pclntab);
	find_variables(&finder, line, symbols);
	interner_deinit(&finder.names);
}
