// What a Go program says of its own build: version, settings, modules.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct elf;
struct memory;

// Views of the ELF file. `version` is as runtime.Version() gives it: "go1.22.0", or
// "go1.26.7 X:nogreenteagc"; `modules` are lines as `go version -m` prints them, tabs
// between columns, without the marks around them.
struct go_build_info {
	struct str version, modules;
};

// Finds it in section .go.buildinfo, else in a writable segment, as the linker has put it
// there since Go 1.18; survives stripping. False where there is none. Source: Go's
// src/debug/buildinfo/buildinfo.go.
bool go_build_info_read(struct elf *elf, struct go_build_info *out);

// The value of a build setting such as "-race" or "GOAMD64", "" where it is not stated.
struct str go_build_info_setting(const struct go_build_info *info, struct str key);
