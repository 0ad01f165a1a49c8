// Points by address over a pclntab.
#include "golang/code.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "binary/pclntab.h"
#include "golang/code_name.h"

enum { LINES_MAX = 128 };

struct go_code {
	const struct pclntab *table;
	uint64_t bias;
	struct go_version version;
	uint8_t wrapper_id; // abi.FuncIDWrapper
	struct arena arena;
	struct map rows[2]; // by pc -> point; return addresses, exact ones
	struct go_point **points;
	size_t count, capacity;
};

static uint8_t wrapper_id_of(struct go_version version)
{
	if (version.minor >= 25)
		return 23;
	return version.minor >= 22 ? 22 : 21;
}

struct go_code *go_code_create(const struct pclntab *table, uint64_t bias,
			       struct go_version version)
{
	struct go_code *code = table_zeroed(1, sizeof(*code));

	code->table = table;
	code->bias = bias;
	code->version = version;
	code->wrapper_id = wrapper_id_of(version);
	return code;
}

void go_code_destroy(struct go_code *code)
{
	if (code == NULL)
		return;
	map_deinit(&code->rows[0]);
	map_deinit(&code->rows[1]);
	free(code->points);
	arena_deinit(&code->arena);
	free(code);
}

static struct go_point *add_point(struct go_code *code, uint64_t pc, bool is_exact)
{
	struct go_point *point = arena_alloc(&code->arena, sizeof(*point));
	struct pclntab_function function;

	*point = (struct go_point){ .pc = pc, .is_exact = is_exact, .delta = -1 };
	if (pclntab_find(code->table, pc - code->bias, &function)) {
		point->entry = function.start + code->bias;
		point->flag = function.flag;
		point->name = function.name;
		point->role = code_name_role(function.name);
		point->delta = pclntab_pcsp(code->table, &function, pc - code->bias);
	}
	code->points = table_reserve(code->points, &code->capacity, code->count + 1,
				     sizeof(struct go_point *));
	code->points[code->count++] = point;
	return point;
}

static const struct go_point *point_at(struct go_code *code, uint64_t pc, bool is_exact)
{
	uint32_t *row = map_put(&code->rows[is_exact], pc);

	if (*row != MAP_NONE)
		return code->points[*row];
	*row = (uint32_t)code->count;
	return add_point(code, pc, is_exact);
}

const struct go_point *go_code_at(struct go_code *code, uint64_t pc)
{
	return point_at(code, pc, false);
}

const struct go_point *go_code_exact(struct go_code *code, uint64_t pc)
{
	return point_at(code, pc, true);
}

// The instruction that tells name and line: the call, unless the frame stands exactly
// where it goes on.
static uint64_t symbol_address(const struct go_point *point)
{
	return point->is_exact || point->pc <= point->entry ? point->pc : point->pc - 1;
}

static struct str place_of(struct go_code *code, const struct go_point *point,
			   const struct pclntab_frame *frame, bool is_inlined)
{
	struct str file = frame->file.n == 0 ? STR("?") : frame->file;

	if (is_inlined || point->pc <= point->entry)
		return str_format(&code->arena, "\t%.*s:%u\n", (int)file.n, file.p,
				  frame->line);
	return str_format(&code->arena, "\t%.*s:%u +0x%llx\n", (int)file.n, file.p,
			  frame->line, (unsigned long long)(point->pc - point->entry));
}

static void fill_arguments(struct go_code *code, struct go_point *point,
			   uint64_t last_address)
{
	struct pclntab_function function;
	// Up to 1.20 liveness was looked up at the outermost call inlined there.
	uint64_t at = code->version.minor <= 20 ? last_address
						: symbol_address(point) - code->bias;

	if (!pclntab_find(code->table, point->pc - code->bias, &function))
		return;
	point->arguments =
		pclntab_funcdata(code->table, &function, PCLNTAB_FUNCDATA_ARGUMENTS);
	point->live =
		pclntab_funcdata(code->table, &function, PCLNTAB_FUNCDATA_ARGUMENT_LIVE);
	point->live_index =
		pclntab_pcdata(code->table, &function, PCLNTAB_PCDATA_ARGUMENT_LIVE, at);
}

static void fill_lines(struct go_code *code, struct go_point *point)
{
	struct pclntab_frame frames[LINES_MAX];
	struct pclntab_cursor cursor = { 0 };
	size_t count =
		pclntab_frames(code->table, &cursor, symbol_address(point) - code->bias,
			       frames, LINES_MAX);

	point->lines = arena_array(&code->arena, count + 1, sizeof(*point->lines));
	point->line_count = count;
	for (size_t i = 0; i < count; i++) {
		struct go_line *line = &point->lines[i];

		line->name = frames[i].name;
		line->shown =
			code_name_shown(frames[i].name, code->version, &code->arena);
		line->file = frames[i].file;
		line->place = place_of(code, point, &frames[i], i + 1 < count);
		line->address = frames[i].address + code->bias;
		line->line = frames[i].line;
		line->start_line = frames[i].start_line;
		line->role = code_name_role(frames[i].name);
		line->is_wrapper = frames[i].func_id == code->wrapper_id;
		line->is_shown = code_name_is_shown(frames[i].name, code->version);
	}
	if (count > 0)
		fill_arguments(code, point, frames[count - 1].address);
}

const struct go_point *go_code_lines(struct go_code *code, const struct go_point *point)
{
	if (point->lines == NULL)
		fill_lines(code, (struct go_point *)(uintptr_t)point);
	return point;
}

struct str go_code_function(struct go_code *code, uint64_t pc, enum go_role *role)
{
	const struct go_point *point = go_code_exact(code, pc);

	*role = point->role;
	return point->name;
}
