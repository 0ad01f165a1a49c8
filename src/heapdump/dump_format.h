// The numbers of goprof's own heap dump format; docs/heapdump-format.md has the grammar.
#pragma once

#define DUMP_MAGIC "goprof heap dump 1\n"

enum dump_tag {
	DUMP_TAG_END,
	DUMP_TAG_OBJECT,
	DUMP_TAG_ROOT,
	DUMP_TAG_PROGRAM,
	DUMP_TAG_FRAME,
	DUMP_TAG_SITE,
	DUMP_TAG_TYPE,
	DUMP_TAG_THREAD,
	DUMP_TAG_MODULE,
	DUMP_TAG_PLACE,
};

enum dump_payload_form {
	DUMP_NOTHING, // neither contents nor pointers
	DUMP_SCANNED, // contents, any aligned word of which may be a pointer
	DUMP_FIELDS,  // contents and the offsets of pointers in them
	DUMP_VALUES,  // pointers with their offsets, contents left out
};

enum dump_root_kind {
	DUMP_ROOT_DATA,
	DUMP_ROOT_BSS,
	DUMP_ROOT_FRAME,
	DUMP_ROOT_STACK,
	DUMP_ROOT_REGISTERS,
	DUMP_ROOT_FINALIZER,
	DUMP_ROOT_OTHER,
};

enum { DUMP_FLAG_CONSERVATIVE = 1, DUMP_FLAG_INCOMPLETE = 2 };
