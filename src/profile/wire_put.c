// Fields of protobuf messages, one after the other.
#include "profile/wire_put.h"

#include "base/writer.h"
#include "profile/wire.h"

enum { VARINT_MAX = 10 };

static char *put_varint(char *p, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*p++ = (char)(value | 0x80);
	*p++ = (char)value;
	return p;
}

void wire_put_varint(struct writer *w, uint64_t value)
{
	char *room = writer_room(w, VARINT_MAX);
	char bytes[VARINT_MAX];

	if (room != NULL)
		writer_advance(w, put_varint(room, value));
	else
		writer_bytes(w, bytes, (size_t)(put_varint(bytes, value) - bytes));
}

void wire_put_value(struct writer *w, unsigned number, uint64_t value)
{
	wire_put_varint(w, number << 3 | WIRE_VARINT);
	wire_put_varint(w, value);
}

void wire_put_optional(struct writer *w, unsigned number, uint64_t value)
{
	if (value != 0)
		wire_put_value(w, number, value);
}

void wire_put_bytes(struct writer *w, unsigned number, struct str bytes)
{
	wire_put_varint(w, number << 3 | WIRE_BYTES);
	wire_put_varint(w, bytes.n);
	writer_str(w, bytes);
}

void wire_put_message(struct writer *w, unsigned number, struct writer *message)
{
	wire_put_bytes(w, number, writer_contents(message));
	message->used = 0;
}
