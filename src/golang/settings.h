// Settings of a Go program's runtime that it looks at while it runs, so that they can be
// changed without a restart. Source: src/runtime/mgcpacer.go (setGCPercent,
// setMemoryLimit, readGOMEMLIMIT) and src/runtime/runtime1.go (debug), 1.19 to 1.27.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct error;
struct go_process;

struct go_setting; // one of them

// What a user asks for: "GOGC=400".
struct go_setting_change {
	const struct go_setting *setting;
	int64_t before, after;
};

// Refuses, with a sentence, what is no setting, what only the program itself can change,
// and what is no value of it.
bool go_setting_parse(struct str text, struct go_setting_change *out, struct error *err)
	__attribute__((warn_unused_result));

// Writes it into the memory of a live process, and says in `before` what was there.
bool go_setting_apply(const struct go_process *process, struct go_setting_change *change,
		      struct error *err) __attribute__((warn_unused_result));

// Its name, when a change of it shows, and a value as one would write it.
const char *go_setting_name(const struct go_setting *setting);
const char *go_setting_when(const struct go_setting *setting);
struct str go_setting_value(const struct go_setting *setting, int64_t value,
			    struct arena *arena);
