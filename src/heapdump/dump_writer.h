// Writes goprof's own heap dumps, record by record, into memory that the caller gave:
// for the recorder inside a process as for readers of other processes. Allocates nothing,
// locks nothing, calls nothing of libc that could: safe in signal handlers as far as the
// caller's `put` is. Format: docs/heapdump-format.md.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "heapdump/dump_format.h"

// Remembers its first failure; dump_writer_finish reports it.
struct dump_writer {
	// Takes bytes away; false when it cannot.
	bool (*put)(void *context, const void *bytes, size_t size);
	void *context;
	uint8_t *buffer; // the caller's, at least DUMP_WRITER_BUFFER_MIN bytes
	size_t capacity, used;
	bool has_failed;
	uint64_t objects;
};

enum { DUMP_WRITER_BUFFER_MIN = 64 };

// Set put, context, buffer and capacity; then this writes the first bytes.
void dump_writer_start(struct dump_writer *w);

struct dump_program {
	bool is_conservative;  // pointers are words that look like some
	bool is_incomplete;    // some blocks are not known
	uint64_t pid, time_ns; // since 1970
	uint64_t pause_ns;     // for which the process stood still
	struct str program, version, thread_word; // "/usr/bin/x", "go1.27.0", "goroutine"
};

void dump_writer_program(struct dump_writer *w, const struct dump_program *program);

// Ids are the caller's, from 1 on; 0 means none. Definitions may stand before or behind
// what uses them.
void dump_writer_frame(struct dump_writer *w, uint64_t id, struct str function,
		       struct str file, uint64_t line);
// A file that was mapped for execution, and the frame of an address in it: readers find
// its function and line. Addresses are inside the instruction that the frame executes.
struct dump_module {
	uint64_t id, start, limit, offset; // as in struct profile_mapping
	struct str path, build_id;         // the build id in hexadecimal
};

void dump_writer_module(struct dump_writer *w, const struct dump_module *module);
void dump_writer_place(struct dump_writer *w, uint64_t frame_id, uint64_t address,
		       uint64_t module_id);
void dump_writer_type(struct dump_writer *w, uint64_t id, uint64_t size, struct str name);
void dump_writer_thread(struct dump_writer *w, uint64_t id, uint64_t number,
			struct str state);

struct dump_site {
	uint64_t id;
	const uint64_t *frames; // ids, innermost first
	size_t count;
	uint64_t allocations, frees; // since the start; 0 unknown
};

void dump_writer_site(struct dump_writer *w, const struct dump_site *site);

// What is known of a stretch of memory. Behind the record's start follow contents_size
// bytes, in as many calls as it takes, then the pointers, then the end.
struct dump_payload {
	enum dump_payload_form form;
	uint64_t contents_size; // 0 with DUMP_NOTHING and DUMP_VALUES
};

struct dump_object {
	uint64_t address, size, type, site;
};

struct dump_root {
	enum dump_root_kind kind;
	uint64_t thread, address;
	struct str name;
};

void dump_writer_object(struct dump_writer *w, const struct dump_object *object,
			struct dump_payload payload);
void dump_writer_root(struct dump_writer *w, const struct dump_root *root,
		      struct dump_payload payload);
void dump_writer_contents(struct dump_writer *w, const void *bytes, size_t size);

// With DUMP_FIELDS: a pointer stands there in the contents.
void dump_writer_field(struct dump_writer *w, uint64_t offset);

// With DUMP_VALUES: this pointer stood there.
void dump_writer_value(struct dump_writer *w, uint64_t offset, uint64_t value);

// Ends an object or a root.
void dump_writer_end(struct dump_writer *w, struct dump_payload payload);

// Ends the dump; false if anything could not be written.
bool dump_writer_finish(struct dump_writer *w) __attribute__((warn_unused_result));
