// Line programs.
#include "binary/dwarf_line.h"

#include <stdlib.h>

#include "base/arena.h"
#include "binary/dwarf.h"
#include "binary/dwarf_constants.h"
#include "binary/dwarf_form.h"

enum { FORMATS_MAX = 16 };

struct entry_format {
	uint64_t content, form;
};

static void add_folder(struct dwarf_line_table *table, const char *folder)
{
	table->folders = table_reserve(table->folders, &table->folder_capacity,
				       table->folder_count + 1, sizeof(*table->folders));
	table->folders[table->folder_count++] = folder;
}

static void add_file(struct dwarf_line_table *table, const char *name, uint64_t folder)
{
	table->files = table_reserve(table->files, &table->file_capacity,
				     table->file_count + 1, sizeof(*table->files));
	table->files[table->file_count++] = (struct dwarf_line_file){ name, folder };
}

// Before DWARF 5 folder 0 is the unit's and file 0 nothing.
static void read_old_names(struct dwarf_line_table *table, struct reader *r)
{
	add_folder(table, "");
	for (struct str name = reader_cstr(r); name.n > 0; name = reader_cstr(r))
		add_folder(table, name.p);
	add_file(table, "", 0);
	for (struct str name = reader_cstr(r); name.n > 0; name = reader_cstr(r)) {
		add_file(table, name.p, reader_uleb(r));
		(void)reader_uleb(r); // time
		(void)reader_uleb(r); // size
	}
}

static size_t read_formats(struct reader *r, struct entry_format *formats)
{
	size_t count = reader_u8(r);

	if (count > FORMATS_MAX)
		reader_fail(r);
	for (size_t i = 0; i < count && reader_ok(r); i++)
		formats[i] = (struct entry_format){ reader_uleb(r), reader_uleb(r) };
	return count;
}

static void read_entry(struct reader *r, const struct entry_format *formats, size_t count,
		       const struct dwarf *dwarf, const struct dwarf_unit *unit,
		       struct dwarf_line_file *out)
{
	*out = (struct dwarf_line_file){ "", 0 };
	for (size_t i = 0; i < count; i++) {
		struct dwarf_value value =
			dwarf_form_read(r, (uint32_t)formats[i].form, 0, unit);

		if (formats[i].content == DW_LNCT_PATH)
			out->name = dwarf_form_string(&value, dwarf, unit);
		else if (formats[i].content == DW_LNCT_DIRECTORY_INDEX)
			out->folder = value.number;
	}
}

static void read_new_names(struct dwarf_line_table *table, struct reader *r,
			   const struct dwarf *dwarf, const struct dwarf_unit *unit)
{
	struct entry_format formats[FORMATS_MAX];
	struct dwarf_line_file entry;

	for (unsigned part = 0; part < 2; part++) {
		size_t format_count = read_formats(r, formats);
		uint64_t count = reader_uleb(r);
		const uint8_t *first = r->p;

		for (uint64_t i = 0; i < count && reader_ok(r); i++) {
			read_entry(r, formats, format_count, dwarf, unit, &entry);
			if (r->p == first) // entries of no size could be any number
				reader_fail(r);
			else if (part == 0)
				add_folder(table, entry.name);
			else
				add_file(table, entry.name, entry.folder);
		}
	}
}

static bool read_header(struct dwarf_line_table *table, struct reader *r,
			const struct dwarf *dwarf, struct dwarf_unit *unit)
{
	uint64_t length = reader_u32(r);

	unit->offset_size = 4;
	if (length == UINT32_MAX) {
		length = reader_u64(r);
		unit->offset_size = 8;
	}
	struct reader body = reader_sub(r, length);

	table->version = reader_u16(&body);
	unit->version = (uint8_t)table->version;
	if (table->version < 2 || table->version > 5)
		return false;
	if (table->version >= 5 && (reader_u8(&body) != 8 || reader_u8(&body) != 0))
		return false;
	uint64_t header = unit->offset_size == 8 ? reader_u64(&body) : reader_u32(&body);

	table->program = body;
	struct reader names = reader_sub(&table->program, header);

	table->minimum_length = reader_u8(&names);
	if (table->version >= 4)
		reader_skip(&names, 1); // operations per instruction: x86 has one
	reader_skip(&names, 1);         // default_is_stmt
	table->line_base = (int8_t)reader_u8(&names);
	table->line_range = reader_u8(&names);
	table->opcode_base = reader_u8(&names);
	for (unsigned i = 1; i < table->opcode_base; i++)
		table->operand_counts[i] = reader_u8(&names);
	if (!reader_ok(&names) || table->line_range == 0 || table->opcode_base == 0)
		return false;
	if (table->version >= 5)
		read_new_names(table, &names, dwarf, unit);
	else
		read_old_names(table, &names);
	return reader_ok(&table->program);
}

bool dwarf_line_init(struct dwarf_line_table *table, const struct dwarf *dwarf,
		     const struct dwarf_unit *unit)
{
	// The program has a version and an offset size of its own, which decide its
	// forms.
	struct dwarf_unit own = *unit;
	struct reader r = reader_from_str(dwarf->line);

	*table = (struct dwarf_line_table){ .unit_folder = unit->folder == NULL
								   ? ""
								   : unit->folder };
	reader_seek(&r, unit->line_offset);
	return read_header(table, &r, dwarf, &own);
}

void dwarf_line_deinit(struct dwarf_line_table *table)
{
	free(table->folders);
	free(table->files);
	*table = (struct dwarf_line_table){ 0 };
}

bool dwarf_line_path(const struct dwarf_line_table *table, uint64_t file,
		     struct dwarf_path *path)
{
	if (file >= table->file_count || table->files[file].name[0] == '\0')
		return false;
	uint64_t folder = table->files[file].folder;

	path->unit_folder = table->unit_folder;
	path->folder = folder < table->folder_count ? table->folders[folder] : "";
	path->name = table->files[file].name;
	return true;
}

// The registers of the line machine, with the output they fill.
struct machine {
	uint64_t address;
	uint32_t line, file, column;
	struct dwarf_rows *rows;
	size_t sequence; // where the rows of this sequence start
};

static void machine_reset(struct machine *m)
{
	m->address = 0;
	m->line = 1;
	m->file = 1;
	m->column = 0;
	m->sequence = m->rows->count;
}

static inline void emit(struct machine *m)
{
	struct dwarf_rows *rows = m->rows;
	struct dwarf_row row = { m->address, m->line, m->file, m->column, false };

	if (rows->count > m->sequence) {
		struct dwarf_row *last = &rows->items[rows->count - 1];

		if (last->address == m->address) {
			*last = row;
			return;
		}
		if (last->line == m->line && last->file == m->file &&
		    last->column == m->column)
			return;
	}
	if (rows->count == rows->capacity)
		rows->items = table_reserve(rows->items, &rows->capacity, rows->count + 1,
					    sizeof(row));
	rows->items[rows->count++] = row;
}

static void end_sequence(struct machine *m)
{
	struct dwarf_rows *rows = m->rows;

	// A sequence of nothing, or one whose code the linker dropped.
	if (rows->count == m->sequence ||
	    dwarf_is_dead(rows->items[m->sequence].address)) {
		rows->count = m->sequence;
	} else {
		m->file = m->line = m->column = 0;
		emit(m);
		rows->items[rows->count - 1].is_end = true;
	}
	machine_reset(m);
}

static void run_extended(struct machine *m, struct dwarf_line_table *table)
{
	uint64_t size = reader_uleb(&table->program);
	struct reader r = reader_sub(&table->program, size);

	if (size == 0)
		return;
	switch (reader_u8(&r)) {
	case DW_LNE_END_SEQUENCE:
		end_sequence(m);
		break;
	case DW_LNE_SET_ADDRESS:
		m->address = reader_u64(&r);
		break;
	case DW_LNE_DEFINE_FILE: {
		struct str name = reader_cstr(&r);

		if (reader_ok(&r))
			add_file(table, name.p, reader_uleb(&r));
		break;
	}
	}
}

static void run_standard(struct machine *m, struct dwarf_line_table *table,
			 uint8_t opcode)
{
	struct reader *r = &table->program;

	switch ((enum dwarf_line_opcode)opcode) {
	case DW_LNS_COPY:
		emit(m);
		return;
	case DW_LNS_ADVANCE_PC:
		m->address += reader_uleb(r) * table->minimum_length;
		return;
	case DW_LNS_ADVANCE_LINE:
		m->line += (uint32_t)reader_sleb(r);
		return;
	case DW_LNS_SET_FILE:
		m->file = (uint32_t)reader_uleb(r);
		return;
	case DW_LNS_SET_COLUMN:
		m->column = (uint32_t)reader_uleb(r);
		return;
	case DW_LNS_CONST_ADD_PC:
		m->address += (uint64_t)((255 - table->opcode_base) / table->line_range) *
			      table->minimum_length;
		return;
	case DW_LNS_FIXED_ADVANCE_PC:
		m->address += reader_u16(r);
		return;
	case DW_LNS_EXTENDED:
		run_extended(m, table);
		return;
	case DW_LNS_NEGATE_STMT:
	case DW_LNS_SET_BASIC_BLOCK:
	case DW_LNS_SET_PROLOGUE_END:
	case DW_LNS_SET_EPILOGUE_BEGIN:
	case DW_LNS_SET_ISA:
		break;
	}
	for (unsigned i = 0; i < table->operand_counts[opcode]; i++)
		(void)reader_uleb(r);
}

struct advance {
	uint8_t address;
	int16_t line;
};

// What each special opcode does, so that running one needs no division.
static void prepare_advances(const struct dwarf_line_table *table,
			     struct advance advances[256])
{
	for (unsigned i = table->opcode_base; i < 256; i++) {
		unsigned adjusted = i - table->opcode_base;

		advances[i].address = (uint8_t)(adjusted / table->line_range);
		advances[i].line =
			(int16_t)(table->line_base + (int)(adjusted % table->line_range));
	}
}

void dwarf_line_run(struct dwarf_line_table *table, struct dwarf_rows *rows)
{
	struct reader *r = &table->program;
	struct advance advances[256];
	struct machine m = { .rows = rows };

	prepare_advances(table, advances);
	machine_reset(&m);
	while (r->p < r->end) {
		uint8_t opcode = *r->p++;

		if (opcode < table->opcode_base) {
			run_standard(&m, table, opcode);
			continue;
		}
		m.address += (uint64_t)advances[opcode].address * table->minimum_length;
		m.line += (uint32_t)(int32_t)advances[opcode].line;
		emit(&m);
	}
	rows->count = m.sequence; // what has no end is no sequence
}
