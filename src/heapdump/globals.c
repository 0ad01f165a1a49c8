// A variable's root is a slice of the segment's contents, or of its list of fields.
#include "heapdump/globals.h"

#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "binary/elf.h"
#include "heapdump/heap.h"

struct variable {
	uint64_t address, size;
	struct str name;
};

struct variables {
	struct variable *items;
	size_t count, capacity;
};

static int compare_variables(const void *a, const void *b)
{
	const struct variable *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->size < y->size ? 1 : x->size > y->size ? -1 : 0;
}

static struct str symbol_name(struct str strings, uint32_t offset)
{
	struct reader r = reader_from_str(strings);

	reader_seek(&r, offset);
	return reader_cstr(&r);
}

static void read_variables(struct elf *elf, struct variables *out)
{
	struct str symbols = elf_named_contents(elf, ".symtab");
	struct str strings = elf_named_contents(elf, ".strtab");

	for (size_t at = 0; at + sizeof(Elf64_Sym) <= symbols.n;
	     at += sizeof(Elf64_Sym)) {
		Elf64_Sym symbol;
		struct variable variable;

		memcpy(&symbol, symbols.p + at, sizeof(symbol));
		if (ELF64_ST_TYPE(symbol.st_info) != STT_OBJECT || symbol.st_size == 0 ||
		    symbol.st_shndx == SHN_UNDEF)
			continue;
		variable = (struct variable){ symbol.st_value, symbol.st_size,
					      symbol_name(strings, symbol.st_name) };
		out->items = table_reserve(out->items, &out->capacity, out->count + 1,
					   sizeof(variable));
		out->items[out->count++] = variable;
	}
	if (out->count > 1)
		qsort(out->items, out->count, sizeof(*out->items), compare_variables);
}

// How far above its own addresses the program was loaded: Go's linker names the start of
// its data "runtime.data", which is where a Go dump's segment begins.
static uint64_t load_bias(const struct heap *heap, const struct variables *variables,
			  const struct elf *elf)
{
	uint64_t start = 0;

	if (elf->type != ET_DYN)
		return 0;
	for (size_t i = 0; i < variables->count; i++) {
		if (str_equal(variables->items[i].name, STR("runtime.data")))
			start = variables->items[i].address;
	}
	for (size_t i = 0; start != 0 && i < heap->root_count; i++) {
		if (heap->roots[i].kind == HEAP_ROOT_DATA)
			return heap->roots[i].pointers.address - start;
	}
	return 0;
}

// Cuts the next piece, of `size` bytes, off the front of what is left of a segment.
// Fields are offsets from the segment's start, so contents stay whole beside a list.
static struct heap_root cut(struct heap_root *rest, uint64_t *done, uint64_t size)
{
	struct heap_root piece = *rest;
	struct pointers_source *source = &piece.pointers;
	struct pointers_cursor cursor = pointers_from(&rest->pointers, 0);
	struct pointers_item item;
	uint64_t end = 0;

	piece.first = *done;
	*done += size;
	if (source->form == POINTERS_CONSERVATIVE) {
		piece.first = 0;
		source->contents_size = size;
		rest->pointers.address += size;
		rest->pointers.contents += size;
		rest->pointers.contents_size -= size;
		return piece;
	}
	while (pointers_next_place(&cursor, &item) && item.offset < *done)
		end = cursor.position;
	source->fields_end = source->fields + end;
	rest->pointers.fields += end;
	return piece;
}

static void add_piece(struct heap *heap, struct heap_root *rest, uint64_t *done,
		      uint64_t size, struct str name)
{
	struct heap_root piece;

	if (size == 0)
		return;
	piece = cut(rest, done, size);
	piece.name = name;
	if (piece.pointers.form == POINTERS_CONSERVATIVE ||
	    piece.pointers.fields != piece.pointers.fields_end)
		heap_add_root(heap, piece);
}

static size_t split_segment(struct heap *heap, struct heap_root segment,
			    const struct variables *variables, uint64_t bias)
{
	uint64_t start = segment.pointers.address, size = segment.pointers.contents_size;
	struct heap_root rest = segment;
	uint64_t done = 0;
	size_t named = 0;

	for (size_t i = 0; i < variables->count; i++) {
		const struct variable *variable = &variables->items[i];
		uint64_t at = variable->address + bias - start, limit;

		if (variable->address + bias < start || at < done || at >= size)
			continue;
		limit = variable->size < size - at ? at + variable->size : size;
		add_piece(heap, &rest, &done, at - done, segment.name);
		add_piece(heap, &rest, &done, limit - at, variable->name);
		named++;
	}
	add_piece(heap, &rest, &done, size - done, segment.name);
	return named;
}

bool globals_split(struct heap *heap, struct elf *elf)
{
	struct variables variables = { 0 };
	struct heap_root *roots = heap->roots;
	size_t count = heap->root_count, named = 0;
	uint64_t bias;

	read_variables(elf, &variables);
	bias = load_bias(heap, &variables, elf);
	heap->roots = NULL;
	heap->root_count = heap->root_capacity = 0;
	for (size_t i = 0; i < count; i++) {
		bool is_segment =
			roots[i].kind == HEAP_ROOT_DATA || roots[i].kind == HEAP_ROOT_BSS;

		if (is_segment && roots[i].pointers.contents != NULL)
			named += split_segment(heap, roots[i], &variables, bias);
		else
			heap_add_root(heap, roots[i]);
	}
	free(roots);
	free(variables.items);
	return named > 0;
}
