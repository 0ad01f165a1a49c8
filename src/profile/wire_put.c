// Fields of protobuf messages, one after the other.
#include "profile/wire_put.h"

#include "base/writer.h"
#include "profile/wire.h"

enum { VARINT_MAX = 10 };

void wire_put_varint(struct writer *w, uint64_t value)
{
	uint8_t bytes[VARINT_MAX];
	size_t size = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[size++] = (uint8_t)(value | 0x80);
	bytes[size++] = (uint8_t)value;
	writer_bytes(w, bytes, size);
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
