// libcapstone, loaded when the first code is disassembled: putting its tables in place
// takes as long as all else at the start of goprof, and two megabytes.
#pragma once

#include <capstone/capstone.h>
#include <stdbool.h>

struct error;

struct capstone_library {
	__typeof__(&cs_open) open;
	__typeof__(&cs_close) close;
	__typeof__(&cs_option) option;
	__typeof__(&cs_malloc) malloc;
	__typeof__(&cs_free) free;
	__typeof__(&cs_disasm_iter) disasm_iter;
};

// Loaded once and kept until the process ends.
bool capstone_library_load(struct capstone_library *out, struct error *err)
	__attribute__((warn_unused_result));
