// Probes on functions of a Go program, found by its table of functions: stripped programs
// too.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "target/uprobe.h"

struct error;
struct go_process;
struct pclntab_function;

// Opens probes for the process: pid and path of the options are filled in here.
bool go_probe_open(const struct go_process *process, struct uprobe_options options,
		   struct uprobe **out, struct error *err)
	__attribute__((warn_unused_result));

// The function of that name; false where the program has none.
bool go_probe_find(const struct go_process *process, struct str name,
		   struct pclntab_function *out);

// Sets a probe at an address in the file's own terms.
bool go_probe_add(const struct go_process *process, struct uprobe *uprobe,
		  uint64_t address, enum uprobe_detail detail, struct error *err)
	__attribute__((warn_unused_result));
