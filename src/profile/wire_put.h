// The protobuf wire format, written: fields into a writer.
#pragma once

#include <stdint.h>

#include "base/str.h"

struct writer;

void wire_put_varint(struct writer *w, uint64_t value);
void wire_put_value(struct writer *w, unsigned number, uint64_t value);

// Nothing for 0, which is what a reader takes for a missing field.
void wire_put_optional(struct writer *w, unsigned number, uint64_t value);
void wire_put_bytes(struct writer *w, unsigned number, struct str bytes);

// Writes what was built in `message` (in memory), which is empty afterwards: the length
// of a message stands before it.
void wire_put_message(struct writer *w, unsigned number, struct writer *message);
