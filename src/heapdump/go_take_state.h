// What the parts of go_take share while a dump is taken.
#pragma once

#include "heapdump/dump_writer.h"
#include "heapdump/go_pointers.h"
#include "heapdump/go_rtype.h"
#include "heapdump/go_spans.h"
#include "heapdump/go_take.h"

struct go_take {
	struct go_spans_visitor visitor; // first: it is what visit gets
	struct go_process *process;
	bool without_contents;
	struct dump_writer w;
	struct go_take_counts *counts;
	uint64_t module; // runtime.firstmoduledata
	struct go_rtypes types;
	struct go_pointers pointers;
	uint8_t *contents, *bits; // of one span
	size_t contents_capacity, bits_capacity;
};
