// Descriptors are read where the file has them; nothing is relocated in programs that are
// not position-independent.
#include "heapdump/go_type_file.h"

#include <string.h>

#include "base/reader.h"
#include "binary/elf.h"

enum {
	HEAD_SIZE = 48,
	KIND_MASK = 31,
	TFLAG_EXTRA_STAR = 2,
	FIELD_SIZE = 24,
	NAME_BYTES_MAX = 4096,
	COUNT_MAX = 1 << 20,
};

static uint64_t find_symbol(struct elf *elf, struct str wanted)
{
	struct str symbols = elf_named_contents(elf, ".symtab");
	struct str strings = elf_named_contents(elf, ".strtab");

	for (size_t at = 0; at + sizeof(Elf64_Sym) <= symbols.n;
	     at += sizeof(Elf64_Sym)) {
		struct reader r = reader_from_str(strings);
		Elf64_Sym symbol;

		memcpy(&symbol, symbols.p + at, sizeof(symbol));
		reader_seek(&r, symbol.st_name);
		if (str_equal(reader_cstr(&r), wanted))
			return symbol.st_value;
	}
	return 0;
}

bool go_type_file_init(struct go_type_file *file, struct elf *elf, struct arena *arena)
{
	*file = (struct go_type_file){ .elf = elf, .arena = arena };
	// Words of a position-independent program are not in the file.
	if (elf->type != ET_EXEC)
		return false;
	file->names = find_symbol(elf, STR("runtime.types"));
	return file->names != 0;
}

uint64_t go_type_file_word(const struct go_type_file *file, uint64_t address)
{
	struct str bytes = elf_at_address(file->elf, address, 8);
	struct reader r = reader_from_str(bytes);

	return bytes.n == 8 ? reader_u64(&r) : 0;
}

static struct str read_name(const struct go_type_file *file, int32_t offset)
{
	uint64_t address = file->names + (uint64_t)(int64_t)offset;
	struct str head = elf_at_address(file->elf, address, 3);
	struct reader r = reader_from_str(str_after(head, 1));
	uint64_t length = reader_uleb(&r);

	if (head.n != 3 || !reader_ok(&r) || length > NAME_BYTES_MAX)
		return STR("");
	return elf_at_address(file->elf, address + 1 + reader_offset(&r), length);
}

static void read_parts(const struct go_type_file *file, uint64_t address,
		       struct go_type *out)
{
	uint64_t at = address + HEAD_SIZE;

	switch (out->kind) {
	case GO_KIND_ARRAY:
		out->element = go_type_file_word(file, at);
		out->count = go_type_file_word(file, at + 16);
		break;
	case GO_KIND_CHAN:
	case GO_KIND_POINTER:
	case GO_KIND_SLICE:
		out->element = go_type_file_word(file, at);
		break;
	case GO_KIND_MAP:
		out->element = go_type_file_word(file, at + 8);
		out->inner = go_type_file_word(file, at + 16);
		break;
	case GO_KIND_INTERFACE:
		// PkgPath, then the slice of methods.
		out->has_methods = go_type_file_word(file, at + 16) != 0;
		break;
	case GO_KIND_STRUCT:
		out->fields = go_type_file_word(file, at + 8);
		out->count = go_type_file_word(file, at + 16);
		break;
	default:
		break;
	}
}

bool go_type_file_read(const struct go_type_file *file, uint64_t address,
		       struct go_type *out)
{
	struct str bytes = elf_at_address(file->elf, address, HEAD_SIZE);
	struct reader r = reader_from_str(bytes);
	uint8_t tflag;

	if (address == 0 || bytes.n != HEAD_SIZE)
		return false;
	*out = (struct go_type){ .size = reader_u64(&r) };
	out->pointer_bytes = reader_u64(&r);
	(void)reader_u32(&r); // hash
	tflag = reader_u8(&r);
	(void)reader_u16(&r); // alignments
	out->kind = reader_u8(&r) & KIND_MASK;
	(void)reader_u64(&r); // equal
	(void)reader_u64(&r); // GC data
	out->name = read_name(file, (int32_t)reader_u32(&r));
	if ((tflag & TFLAG_EXTRA_STAR) != 0)
		out->name = str_after(out->name, 1);
	read_parts(file, address, out);
	return out->kind != 0 && out->pointer_bytes <= out->size &&
	       out->count <= COUNT_MAX && out->name.n > 0;
}

bool go_type_file_field(const struct go_type_file *file, const struct go_type *type,
			uint64_t index, uint64_t *field_type, uint64_t *offset)
{
	uint64_t at = type->fields + index * FIELD_SIZE;

	if (elf_at_address(file->elf, at, FIELD_SIZE).n != FIELD_SIZE)
		return false;
	*field_type = go_type_file_word(file, at + 8);
	*offset = go_type_file_word(file, at + 16);
	return *offset < type->size || type->size == 0;
}
