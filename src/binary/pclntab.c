// Decodes the functions, lines, inlined calls and stack deltas of a pclntab.
//
//   _func since 1.18: entry u32, name, args, deferreturn, pcsp, pcfile, pcln, npcdata,
//   unit (all 32 bits), [since 1.20 start line], id, flag, 0, nfuncdata (bytes), then
//   pcdata u32[npcdata], funcdata u32[nfuncdata]. Before, entry and funcdata are
//   pointers; before 1.16 there is no unit.
#include "binary/pclntab.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/reader.h"
#include "binary/elf.h"
#include "binary/pclntab_layout.h"

// Offsets of the tables of one function.
struct record {
	uint32_t name, pcsp, pcfile, pcln, unit, start_line;
	uint32_t pcdata_count;
	uint8_t func_id, flag, funcdata_count;
	size_t arrays; // where pcdata begins, in functions
};

struct pclntab *pclntab_open(struct elf *elf)
{
	struct pclntab located, *table;
	size_t capacity = 0;

	if (!pclntab_locate(elf, &located))
		return NULL;
	table = table_reserve(NULL, &capacity, 1, sizeof(*table));
	*table = located;
	return table;
}

void pclntab_close(struct pclntab *table)
{
	free(table);
}

size_t pclntab_function_count(const struct pclntab *table)
{
	return table->function_count;
}

static bool has_offsets(const struct pclntab *table)
{
	return table->version >= PCLNTAB_1_18;
}

// Where function `index` begins; one behind the last tells where that one ends.
static uint64_t entry_of(const struct pclntab *table, size_t index)
{
	const char *p = table->functions.p;
	uint32_t offset;
	uint64_t address;

	if (has_offsets(table)) {
		memcpy(&offset, p + index * 8, sizeof(offset));
		return table->text_start + offset;
	}
	memcpy(&address, p + index * 16, sizeof(address));
	return address;
}

static uint64_t record_of(const struct pclntab *table, size_t index)
{
	const char *p = table->functions.p;
	uint32_t offset;
	uint64_t wide;

	if (has_offsets(table)) {
		memcpy(&offset, p + index * 8 + 4, sizeof(offset));
		return offset;
	}
	memcpy(&wide, p + index * 16 + 8, sizeof(wide));
	// Up to 1.15 it counts from the start of the whole table.
	if (table->version == PCLNTAB_1_2)
		wide -= (size_t)(table->functions.p - table->table.p);
	return wide;
}

static bool read_record(const struct pclntab *table, uint64_t offset, struct record *out)
{
	struct reader r = reader_from_str(table->functions);

	reader_seek(&r, offset);
	reader_skip(&r, has_offsets(table) ? 4 : 8);
	*out = (struct record){ .name = reader_u32(&r) };
	reader_skip(&r, 8);
	out->pcsp = reader_u32(&r);
	out->pcfile = reader_u32(&r);
	out->pcln = reader_u32(&r);
	out->pcdata_count = reader_u32(&r);
	if (table->version == PCLNTAB_1_2)
		return reader_ok(&r);
	out->unit = reader_u32(&r);
	if (table->version == PCLNTAB_1_20)
		out->start_line = reader_u32(&r);
	out->func_id = reader_u8(&r);
	out->flag = reader_u8(&r);
	reader_skip(&r, 1);
	out->funcdata_count = reader_u8(&r);
	out->arrays = reader_offset(&r);
	return reader_ok(&r);
}

static struct str string_at(struct str part, uint64_t offset)
{
	struct reader r = reader_from_str(part);

	reader_seek(&r, offset);
	return reader_cstr(&r);
}

bool pclntab_function_at(const struct pclntab *table, size_t index,
			 struct pclntab_function *out)
{
	struct record record;

	if (index >= table->function_count ||
	    !read_record(table, record_of(table, index), &record))
		return false;
	*out = (struct pclntab_function){
		.start = entry_of(table, index),
		.limit = entry_of(table, index + 1),
		.record = record_of(table, index),
		.name = string_at(table->names, record.name),
		.func_id = record.func_id,
		.flag = record.flag,
		.start_line = record.start_line,
	};
	return out->start < out->limit;
}

bool pclntab_find(const struct pclntab *table, uint64_t address,
		  struct pclntab_function *out)
{
	size_t low = 0, high = table->function_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (entry_of(table, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && pclntab_function_at(table, low - 1, out) &&
	       address < out->limit;
}

// Deltas of value and pc alternate; a value delta of 0 ends the table, but the first may
// be 0.
static struct pclntab_run run_start(const struct pclntab *table, uint32_t offset,
				    uint64_t entry)
{
	struct pclntab_run run = { reader_from_str(table->values), entry, entry,
				   UINT32_MAX, table->quantum };

	reader_seek(&run.r, offset);
	return run;
}

static bool run_next(struct pclntab_run *run, uint64_t entry)
{
	uint32_t delta = (uint32_t)reader_uleb(&run->r);
	uint32_t size = (uint32_t)reader_uleb(&run->r);

	if (!reader_ok(&run->r) || (delta == 0 && run->limit != entry) || size == 0)
		return false;
	run->value += delta >> 1 ^ -(delta & 1);
	run->start = run->limit;
	run->limit += (uint64_t)size * run->quantum;
	return true;
}

// The value at a pc, -1 where there is none. The run is where an earlier call for the
// same table left it, or zero.
static int32_t next_value(const struct pclntab *table, struct pclntab_run *run,
			  uint32_t offset, uint64_t entry, uint64_t pc)
{
	if (offset == 0)
		return -1;
	if (run->limit == 0 || pc < run->start || !reader_ok(&run->r))
		*run = run_start(table, offset, entry);
	while (pc >= run->limit) {
		if (!run_next(run, entry)) {
			*run = (struct pclntab_run){ 0 };
			return -1;
		}
	}
	return (int32_t)run->value;
}

static int32_t value_at(const struct pclntab *table, uint32_t offset, uint64_t entry,
			uint64_t pc)
{
	struct pclntab_run run = { 0 };

	return next_value(table, &run, offset, entry, pc);
}

// A file's name by its number in the function's unit.
static struct str file_name(const struct pclntab *table, const struct record *record,
			    int32_t number)
{
	struct reader r = reader_from_str(table->version == PCLNTAB_1_2 ? table->files
									: table->units);

	if (number < 0)
		return STR("");
	reader_skip(&r, 4 * ((uint64_t)record->unit + (uint32_t)number));

	uint32_t offset = reader_u32(&r);

	if (!reader_ok(&r) || offset == UINT32_MAX)
		return STR("");
	// Before 1.16 all strings are in one place, and file numbers are the program's
	// own.
	return string_at(table->version == PCLNTAB_1_2 ? table->table : table->files,
			 offset);
}

// One call that the compiler has inlined.
struct inlined {
	struct str name;
	uint32_t start_line, parent_pc;
	uint8_t func_id;
};

// Where an object of funcdata is; 0 when the function has none.
static uint64_t funcdata_address(const struct pclntab *table, const struct record *record,
				 unsigned index)
{
	struct reader r = reader_from_str(table->functions);
	uint64_t offset;

	if (record->funcdata_count <= index)
		return 0;
	reader_seek(&r, record->arrays + 4 * (uint64_t)record->pcdata_count);
	if (!has_offsets(table)) {
		reader_skip(&r, (8 - (reader_offset(&r) & 7)) & 7);
		reader_skip(&r, 8 * (uint64_t)index);
		return reader_u64(&r);
	}
	reader_skip(&r, 4 * (uint64_t)index);
	offset = reader_u32(&r);
	if (!reader_ok(&r) || offset == UINT32_MAX || table->function_data == 0)
		return 0;
	return table->function_data + offset;
}

//   since 1.20: id u8, 0[3], name, parent pc, start line
//   before:     parent i16, id u8, 0, file, line, name, parent pc
static bool inlined_at(const struct pclntab *table, uint64_t tree, uint32_t index,
		       struct inlined *out)
{
	bool is_short = table->version == PCLNTAB_1_20;
	uint64_t size = is_short ? 16 : 20;
	struct reader r =
		reader_from_str(elf_at_address(table->elf, tree + index * size, size));

	reader_skip(&r, is_short ? 0 : 2);
	out->func_id = reader_u8(&r);
	reader_skip(&r, is_short ? 3 : 9);
	out->name = string_at(table->names, reader_u32(&r));
	out->parent_pc = reader_u32(&r);
	out->start_line = is_short ? reader_u32(&r) : 0;
	return reader_ok(&r);
}

// Where one of a function's pcdata tables begins; 0 where there is none.
static uint32_t pcdata_offset(const struct pclntab *table, const struct record *record,
			      unsigned index)
{
	struct reader r = reader_from_str(table->functions);

	if (record->pcdata_count <= index || record->arrays == 0)
		return 0;
	reader_seek(&r, record->arrays + 4 * (uint64_t)index);
	return reader_u32(&r);
}

static struct pclntab_frame frame_at(const struct pclntab *table,
				     const struct record *record,
				     const struct pclntab_function *function,
				     struct pclntab_run *runs, uint64_t pc)
{
	uint64_t entry = function->start;
	int32_t file = next_value(table, &runs[1], record->pcfile, entry, pc);
	int32_t line = next_value(table, &runs[2], record->pcln, entry, pc);

	return (struct pclntab_frame){
		.name = function->name,
		.file = file_name(table, record, file),
		.line = line < 0 ? 0 : (uint32_t)line,
		.start_line = function->start_line,
		.address = pc,
		.func_id = function->func_id,
	};
}

static bool find_function(const struct pclntab *table, struct pclntab_cursor *cursor,
			  uint64_t address)
{
	if (address >= cursor->function.start && address < cursor->function.limit)
		return true;
	*cursor = (struct pclntab_cursor){ 0 };
	return pclntab_find(table, address, &cursor->function);
}

size_t pclntab_frames(const struct pclntab *table, struct pclntab_cursor *cursor,
		      uint64_t address, struct pclntab_frame *frames, size_t max)
{
	const struct pclntab_function *function = &cursor->function;
	struct record record;
	size_t count = 0;

	if (max == 0 || !find_function(table, cursor, address) ||
	    !read_record(table, function->record, &record))
		return 0;

	uint64_t tree = funcdata_address(table, &record, PCLNTAB_FUNCDATA_INLINE_TREE);
	uint32_t indices = pcdata_offset(table, &record, PCLNTAB_PCDATA_INLINE_TREE);
	uint64_t pc = address;

	for (;;) {
		size_t depth =
			count < PCLNTAB_CURSOR_DEPTHS ? count : PCLNTAB_CURSOR_DEPTHS - 1;
		struct pclntab_run *runs = cursor->runs[depth];
		struct inlined inlined;
		int32_t index = -1;

		if (count + 1 < max && tree != 0)
			index = next_value(table, &runs[0], indices, function->start, pc);
		frames[count] = frame_at(table, &record, function, runs, pc);
		if (index < 0 || !inlined_at(table, tree, (uint32_t)index, &inlined))
			return count + 1;
		frames[count].name = inlined.name;
		frames[count].start_line = inlined.start_line;
		frames[count].func_id = inlined.func_id;
		pc = function->start + inlined.parent_pc;
		count++;
	}
}

void pclntab_visit_pcsp(const struct pclntab *table,
			const struct pclntab_function *function,
			bool (*visit)(void *context, uint64_t start, uint64_t limit,
				      int32_t delta),
			void *context)
{
	struct record record;

	if (!read_record(table, function->record, &record) || record.pcsp == 0)
		return;

	struct pclntab_run run = run_start(table, record.pcsp, function->start);

	while (run_next(&run, function->start) && run.start < function->limit) {
		uint64_t limit =
			run.limit < function->limit ? run.limit : function->limit;

		if (!visit(context, run.start, limit, (int32_t)run.value))
			return;
	}
}

int32_t pclntab_pcsp(const struct pclntab *table, const struct pclntab_function *function,
		     uint64_t address)
{
	struct record record;

	if (!read_record(table, function->record, &record))
		return -1;
	return value_at(table, record.pcsp, function->start, address);
}

int32_t pclntab_pcdata(const struct pclntab *table,
		       const struct pclntab_function *function, unsigned index,
		       uint64_t address)
{
	struct record record;

	if (!read_record(table, function->record, &record))
		return -1;
	return value_at(table, pcdata_offset(table, &record, index), function->start,
			address);
}

struct str pclntab_funcdata(const struct pclntab *table,
			    const struct pclntab_function *function, unsigned index)
{
	struct record record;
	uint64_t address;

	if (!has_offsets(table) || !read_record(table, function->record, &record))
		return STR("");
	address = funcdata_address(table, &record, index);
	for (size_t i = 0; address != 0 && i < table->elf->segment_count; i++) {
		const Elf64_Phdr *segment = &table->elf->segments[i];
		uint64_t offset = address - segment->p_vaddr;

		if (segment->p_type == PT_LOAD && offset < segment->p_filesz)
			return elf_at_address(table->elf, address,
					      segment->p_filesz - offset);
	}
	return STR("");
}
