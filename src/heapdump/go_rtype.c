// Reads a descriptor once and bounds all that it claims.
#include "heapdump/go_rtype.h"

#include <stdlib.h>
#include <string.h>

#include "golang/process.h"

enum {
	WORD = 8,
	RTYPE_SIZE = 48,
	POINTER_BYTES_MAX = 1 << 24, // a mask of 256 KB
	NAME_MAX_BYTES = 4096,
	// Bits of tflag and, up to Go 1.23, of kind.
	TFLAG_EXTRA_STAR = 1 << 1,
	TFLAG_MASK_ON_DEMAND = 1 << 4, // since Go 1.24
	KIND_GC_PROGRAM = 1 << 6,
};

// Size_, PtrBytes, Hash, TFlag, Align_, FieldAlign_, Kind_, Equal, GCData, Str,
// PtrToThis.
struct rtype {
	uint64_t size, pointer_bytes;
	uint32_t hash;
	uint8_t tflag, align, field_align, kind;
	uint64_t equal, gc_data;
	int32_t name, pointer_to_this;
};

_Static_assert(sizeof(struct rtype) == RTYPE_SIZE, "as Go lays it out");

void go_rtypes_deinit(struct go_rtypes *types)
{
	free(types->items);
	map_deinit(&types->rows);
	arena_deinit(&types->arena);
	*types = (struct go_rtypes){ 0 };
}

static const uint8_t *read_mask(struct go_rtypes *types, const struct rtype *type)
{
	const struct go_process *process = types->process;
	size_t size = (type->pointer_bytes / WORD + 7) / 8;
	uint64_t address = type->gc_data;
	uint8_t *mask;

	if (process->version.minor >= 24 && (type->tflag & TFLAG_MASK_ON_DEMAND) != 0 &&
	    !memory_read_u64(process->memory, address, &address))
		return NULL;
	if (process->version.minor < 24 && (type->kind & KIND_GC_PROGRAM) != 0)
		return NULL;
	if (address == 0)
		return NULL;
	mask = arena_alloc(&types->arena, size + 1);
	return memory_read(process->memory, address, mask, size) ? mask : NULL;
}

// A byte of flags, the length as a varint, the bytes.
static struct str read_name(struct go_rtypes *types, const struct rtype *type)
{
	uint8_t head[4];
	uint64_t address = types->names + (uint64_t)(int64_t)type->name;
	size_t length, start = 2;
	char *text;

	if (!memory_read(types->process->memory, address, head, sizeof(head)))
		return STR("unnamed type");
	length = head[1] & 0x7f;
	if (head[1] >= 0x80) {
		length |= (size_t)(head[2] & 0x7f) << 7;
		start = 3;
	}
	if (length > NAME_MAX_BYTES)
		length = NAME_MAX_BYTES;
	text = arena_alloc(&types->arena, length + 1);
	if (!memory_read(types->process->memory, address + start, text, length))
		return STR("unnamed type");
	if ((type->tflag & TFLAG_EXTRA_STAR) != 0 && length > 0)
		return (struct str){ text + 1, length - 1 };
	return (struct str){ text, length };
}

static bool read_type(struct go_rtypes *types, uint64_t address, struct go_rtype *out)
{
	struct rtype type;

	if (address % WORD != 0 ||
	    !memory_read(types->process->memory, address, &type, sizeof(type)) ||
	    type.pointer_bytes > type.size || type.pointer_bytes % WORD != 0 ||
	    type.size == 0)
		return false;
	*out = (struct go_rtype){ .size = type.size,
				  .pointer_bytes = type.pointer_bytes };
	if (type.pointer_bytes > 0 && type.pointer_bytes <= POINTER_BYTES_MAX)
		out->mask = read_mask(types, &type);
	out->name = read_name(types, &type);
	return true;
}

uint32_t go_rtypes_row(struct go_rtypes *types, uint64_t address)
{
	uint32_t row = map_get(&types->rows, address);
	struct go_rtype type;

	if (row != MAP_NONE || address == 0 || !read_type(types, address, &type))
		return row;
	types->items = table_reserve(types->items, &types->capacity, types->count + 1,
				     sizeof(type));
	types->items[types->count] = type;
	*map_put(&types->rows, address) = (uint32_t)types->count;
	return (uint32_t)types->count++;
}
