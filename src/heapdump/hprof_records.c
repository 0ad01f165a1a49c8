// A segment is written when the next item would not fit; an item that is larger than
// usual makes its segment so.
#include "heapdump/hprof_records.h"

enum {
	TAG_STRING = 0x01,
	TAG_LOAD_CLASS = 0x02,
	TAG_FRAME = 0x04,
	TAG_TRACE = 0x05,
	TAG_SEGMENT = 0x1c,
	TAG_SEGMENT_END = 0x2c,
	SUB_CLASS = 0x20,
	SUB_INSTANCE = 0x21,
	SUB_REFERENCES = 0x22,
	SUB_PRIMITIVES = 0x23,
	SEGMENT_SIZE = 1 << 20,
	ID_SIZE = 8,
};

static void put_u8(struct writer *w, uint8_t value)
{
	writer_char(w, (char)value);
}

static void put_u16(struct writer *w, uint16_t value)
{
	put_u8(w, (uint8_t)(value >> 8));
	put_u8(w, (uint8_t)value);
}

static void put_u32(struct writer *w, uint32_t value)
{
	value = __builtin_bswap32(value);
	writer_bytes(w, &value, sizeof(value));
}

static void put_u64(struct writer *w, uint64_t value)
{
	value = __builtin_bswap64(value);
	writer_bytes(w, &value, sizeof(value));
}

static void put_head(struct writer *w, uint8_t tag, uint32_t size)
{
	put_u8(w, tag);
	put_u32(w, 0); // microseconds since the header's time
	put_u32(w, size);
}

void hprof_records_init(struct hprof_records *records, struct writer *out,
			uint64_t time_ms)
{
	static const char magic[] = "JAVA PROFILE 1.0.2";

	*records = (struct hprof_records){ .out = out,
					   .segment = writer_to_memory(),
					   .next_string = 1 };
	writer_bytes(out, magic, sizeof(magic));
	put_u32(out, ID_SIZE);
	put_u64(out, time_ms);
}

void hprof_records_deinit(struct hprof_records *records)
{
	writer_deinit(&records->segment);
}

static void flush(struct hprof_records *records)
{
	struct str bytes = writer_contents(&records->segment);

	if (bytes.n == 0)
		return;
	put_head(records->out, TAG_SEGMENT, (uint32_t)bytes.n);
	writer_str(records->out, bytes);
	records->segment.used = 0;
}

static void begin_item(struct hprof_records *records, uint64_t size)
{
	if (writer_contents(&records->segment).n + size > SEGMENT_SIZE)
		flush(records);
}

uint64_t hprof_records_string(struct hprof_records *records, struct str text)
{
	put_head(records->out, TAG_STRING, (uint32_t)(ID_SIZE + text.n));
	put_u64(records->out, records->next_string);
	writer_str(records->out, text);
	return records->next_string++;
}

void hprof_records_load_class(struct hprof_records *records, uint32_t serial,
			      uint64_t class_id, uint64_t name)
{
	put_head(records->out, TAG_LOAD_CLASS, 2 * 4 + 2 * ID_SIZE);
	put_u32(records->out, serial);
	put_u64(records->out, class_id);
	put_u32(records->out, 0);
	put_u64(records->out, name);
}

void hprof_records_frame(struct hprof_records *records, const struct hprof_frame *frame)
{
	put_head(records->out, TAG_FRAME, 4 * ID_SIZE + 2 * 4);
	put_u64(records->out, frame->id);
	put_u64(records->out, frame->function);
	put_u64(records->out, 0); // signature
	put_u64(records->out, frame->file);
	put_u32(records->out, 0); // class serial
	put_u32(records->out, frame->line);
}

void hprof_records_trace(struct hprof_records *records, uint32_t serial,
			 const uint64_t *frames, uint32_t count)
{
	put_head(records->out, TAG_TRACE, 3 * 4 + count * ID_SIZE);
	put_u32(records->out, serial);
	put_u32(records->out, 0); // thread serial
	put_u32(records->out, count);
	for (uint32_t i = 0; i < count; i++)
		put_u64(records->out, frames[i]);
}

void hprof_records_class(struct hprof_records *records, const struct hprof_class *class)
{
	struct writer *w = &records->segment;

	begin_item(records, 1 + 8 * ID_SIZE + class->count * (ID_SIZE + 1u));
	put_u8(w, SUB_CLASS);
	put_u64(w, class->id);
	put_u32(w, 0); // trace
	put_u64(w, class->super);
	for (unsigned i = 0; i < 5; i++) // loader, signers, domain, two reserved
		put_u64(w, 0);
	put_u32(w, class->size);
	put_u16(w, 0); // constants
	put_u16(w, 0); // static fields
	put_u16(w, class->count);
	for (unsigned i = 0; i < class->count; i++) {
		put_u64(w, class->names[i]);
		put_u8(w, class->types[i]);
	}
}

void hprof_records_root(struct hprof_records *records, enum hprof_root kind, uint64_t id)
{
	begin_item(records, 1 + 2 * ID_SIZE);
	put_u8(&records->segment, (uint8_t)kind);
	put_u64(&records->segment, id);
	if (kind == HPROF_ROOT_GLOBAL)
		put_u64(&records->segment, id);
}

void hprof_records_instance(struct hprof_records *records,
			    const struct hprof_object *object)
{
	struct writer *w = &records->segment;

	begin_item(records, 1 + 2 * ID_SIZE + 8 + (uint64_t)object->count);
	put_u8(w, SUB_INSTANCE);
	put_u64(w, object->id);
	put_u32(w, object->trace);
	put_u64(w, object->class_id);
	put_u32(w, object->count);
}

void hprof_records_references(struct hprof_records *records,
			      const struct hprof_object *object)
{
	struct writer *w = &records->segment;

	begin_item(records, 1 + 2 * ID_SIZE + 8 + (uint64_t)object->count * ID_SIZE);
	put_u8(w, SUB_REFERENCES);
	put_u64(w, object->id);
	put_u32(w, object->trace);
	put_u32(w, object->count);
	put_u64(w, object->class_id);
}

void hprof_records_byte_array(struct hprof_records *records,
			      const struct hprof_object *object)
{
	struct writer *w = &records->segment;

	begin_item(records, 1 + ID_SIZE + 9 + (uint64_t)object->count);
	put_u8(w, SUB_PRIMITIVES);
	put_u64(w, object->id);
	put_u32(w, object->trace);
	put_u32(w, object->count);
	put_u8(w, HPROF_BYTE);
}

void hprof_records_u64(struct hprof_records *records, uint64_t value)
{
	put_u64(&records->segment, value);
}

void hprof_records_bytes(struct hprof_records *records, const void *bytes, uint64_t size)
{
	writer_bytes(&records->segment, bytes, size);
}

void hprof_records_zeros(struct hprof_records *records, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		writer_char(&records->segment, '\0');
}

void hprof_records_finish(struct hprof_records *records)
{
	flush(records);
	put_head(records->out, TAG_SEGMENT_END, 0);
}
