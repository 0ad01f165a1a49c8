// The kernel's symbols, as /proc/kallsyms lists them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"
#include "base/str.h"

struct error;
struct kallsyms;

// Fails where the file cannot be read and where the kernel hides its addresses.
bool kallsyms_open(const char *path, struct kallsyms **out, struct error *err)
	__attribute__((warn_unused_result));

// Same for a text at hand; takes the view over, also on failure.
bool kallsyms_from_view_take(struct file_view view, struct kallsyms **out,
			     struct error *err) __attribute__((warn_unused_result));
void kallsyms_close(struct kallsyms *kallsyms);

// "do_syscall_64", or "nft_do_chain [nf_tables]" for a function of a kernel module; empty
// where there is none. Lives as long as the table.
struct str kallsyms_find(const struct kallsyms *kallsyms, uint64_t address);

// Whether the kernel's code begins there: one of another boot may lie elsewhere.
bool kallsyms_begins_at(const struct kallsyms *kallsyms, uint64_t address);
