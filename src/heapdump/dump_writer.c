// Numbers are LEB128, strings a length and bytes; see docs/heapdump-format.md.
#include "heapdump/dump_writer.h"

#include <string.h>

#include "heapdump/pointers.h"

static void flush(struct dump_writer *w)
{
	if (w->used > 0 && !w->has_failed)
		w->has_failed = !w->put(w->context, w->buffer, w->used);
	w->used = 0;
}

static void append(struct dump_writer *w, const void *bytes, size_t size)
{
	if (size > 0)
		memcpy(w->buffer + w->used, bytes, size);
	w->used += size;
}

static void put_bytes(struct dump_writer *w, const void *bytes, size_t size)
{
	if (size > w->capacity - w->used)
		flush(w);
	if (size <= w->capacity)
		append(w, bytes, size);
	else if (!w->has_failed)
		w->has_failed = !w->put(w->context, bytes, size);
}

static void put_number(struct dump_writer *w, uint64_t value)
{
	if (w->capacity - w->used < 10)
		flush(w);
	for (; value >= 0x80; value >>= 7)
		w->buffer[w->used++] = (uint8_t)(value | 0x80);
	w->buffer[w->used++] = (uint8_t)value;
}

static void put_str(struct dump_writer *w, struct str s)
{
	put_number(w, s.n);
	put_bytes(w, s.p, s.n);
}

void dump_writer_start(struct dump_writer *w)
{
	put_bytes(w, DUMP_MAGIC, sizeof(DUMP_MAGIC) - 1);
}

void dump_writer_program(struct dump_writer *w, const struct dump_program *program)
{
	put_number(w, DUMP_TAG_PROGRAM);
	put_number(w, sizeof(void *));
	put_number(w, (program->is_conservative ? DUMP_FLAG_CONSERVATIVE : 0) |
			      (program->is_incomplete ? DUMP_FLAG_INCOMPLETE : 0));
	put_number(w, program->pid);
	put_number(w, program->time_ns);
	put_number(w, program->pause_ns);
	put_str(w, program->program);
	put_str(w, program->version);
	put_str(w, program->thread_word);
}

void dump_writer_frame(struct dump_writer *w, uint64_t id, struct str function,
		       struct str file, uint64_t line)
{
	put_number(w, DUMP_TAG_FRAME);
	put_number(w, id);
	put_str(w, function);
	put_str(w, file);
	put_number(w, line);
}

void dump_writer_module(struct dump_writer *w, const struct dump_module *module)
{
	put_number(w, DUMP_TAG_MODULE);
	put_number(w, module->id);
	put_number(w, module->start);
	put_number(w, module->limit);
	put_number(w, module->offset);
	put_str(w, module->path);
	put_str(w, module->build_id);
}

void dump_writer_place(struct dump_writer *w, uint64_t frame_id, uint64_t address,
		       uint64_t module_id)
{
	put_number(w, DUMP_TAG_PLACE);
	put_number(w, frame_id);
	put_number(w, address);
	put_number(w, module_id);
}

void dump_writer_type(struct dump_writer *w, uint64_t id, uint64_t size, struct str name)
{
	put_number(w, DUMP_TAG_TYPE);
	put_number(w, id);
	put_number(w, size);
	put_str(w, name);
}

void dump_writer_thread(struct dump_writer *w, uint64_t id, uint64_t number,
			struct str state)
{
	put_number(w, DUMP_TAG_THREAD);
	put_number(w, id);
	put_number(w, number);
	put_str(w, state);
}

void dump_writer_site(struct dump_writer *w, const struct dump_site *site)
{
	put_number(w, DUMP_TAG_SITE);
	put_number(w, site->id);
	put_number(w, site->count);
	for (size_t i = 0; i < site->count; i++)
		put_number(w, site->frames[i]);
	put_number(w, site->allocations);
	put_number(w, site->frees);
}

static void put_payload(struct dump_writer *w, struct dump_payload payload)
{
	put_number(w, payload.form);
	if (payload.form == DUMP_SCANNED || payload.form == DUMP_FIELDS)
		put_number(w, payload.contents_size);
}

void dump_writer_object(struct dump_writer *w, const struct dump_object *object,
			struct dump_payload payload)
{
	put_number(w, DUMP_TAG_OBJECT);
	put_number(w, object->address);
	put_number(w, object->size);
	put_number(w, object->type);
	put_number(w, object->site);
	put_payload(w, payload);
	w->objects++;
}

void dump_writer_root(struct dump_writer *w, const struct dump_root *root,
		      struct dump_payload payload)
{
	put_number(w, DUMP_TAG_ROOT);
	put_number(w, root->kind);
	put_number(w, root->thread);
	put_str(w, root->name);
	put_number(w, root->address);
	put_payload(w, payload);
}

void dump_writer_contents(struct dump_writer *w, const void *bytes, size_t size)
{
	put_bytes(w, bytes, size);
}

void dump_writer_field(struct dump_writer *w, uint64_t offset)
{
	put_number(w, POINTERS_FIELD_POINTER);
	put_number(w, offset);
}

void dump_writer_value(struct dump_writer *w, uint64_t offset, uint64_t value)
{
	put_number(w, POINTERS_FIELD_VALUE);
	put_number(w, offset);
	put_number(w, value);
}

void dump_writer_end(struct dump_writer *w, struct dump_payload payload)
{
	if (payload.form == DUMP_FIELDS || payload.form == DUMP_VALUES)
		put_number(w, POINTERS_FIELD_END);
}

bool dump_writer_finish(struct dump_writer *w)
{
	put_number(w, DUMP_TAG_END);
	put_number(w, w->objects);
	flush(w);
	return !w->has_failed;
}
