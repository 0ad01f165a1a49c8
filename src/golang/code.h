// The code of a Go program by address: what unwinding needs, and how Go's own tracebacks
// name it. Everything is looked up once and kept.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "golang/version.h"

struct go_code;
struct pclntab;

// Functions that tracebacks and unwinding treat in ways of their own. The numbers Go
// gives them (abi.FuncID) move between releases, their names do not.
enum go_role {
	GO_ROLE_NONE,
	GO_ROLE_GOPANIC,
	GO_ROLE_SIGPANIC,
	GO_ROLE_PANICWRAP,
	GO_ROLE_CGOCALLBACK,
	GO_ROLE_ASYNC_PREEMPT,
	GO_ROLE_DEBUG_CALL,
	GO_ROLE_SYSTEMSTACK,
	GO_ROLE_MORESTACK,
	GO_ROLE_MCALL,
	GO_ROLE_RUN_FINALIZERS,
	GO_ROLE_RUN_CLEANUPS,
	GO_ROLE_MAIN,
	GO_ROLE_COROSTART,
	GO_ROLE_HANDLE_ASYNC_EVENT,
	GO_ROLE_GOEXIT,
};

// One function at one place: a real frame, or a call that was inlined into one.
struct go_line {
	struct str name;  // as in the file
	struct str shown; // as tracebacks print it: "main.f[...]", "panic"
	struct str file;
	struct str place; // "\t/src/main.go:12 +0x1f\n"
	uint64_t address; // of the instruction, in the process
	uint32_t line, start_line;
	enum go_role role;
	bool is_wrapper; // made by the compiler for a method
	bool is_shown;   // unless it is a wrapper: tracebacks hide what is internal
};

// abi.FuncFlag of a function.
enum { GO_FLAG_TOP_FRAME = 1, GO_FLAG_SP_WRITE = 2, GO_FLAG_ASSEMBLY = 4 };

// One address as a frame has it. `entry` is 0 where no Go function is. At a call the
// frame's caller-side end is at sp + delta + 8; delta is -1 where it is not known.
struct go_point {
	uint64_t pc, entry;
	int32_t delta;
	uint8_t flag;
	bool is_exact;     // pc itself was to run next, not the instruction behind a call
	enum go_role role; // of the real frame
	struct str name;   // of it, "" where no function is

	// From go_code_lines on.
	struct go_line *lines; // innermost inlined first, the real frame last
	size_t line_count;
	struct str arguments, live; // abi.FUNCDATA_ArgInfo, _ArgLiveInfo
	int32_t live_index;
};

// Borrows the table. Addresses of the process are those of the file plus the bias.
struct go_code *go_code_create(const struct pclntab *table, uint64_t bias,
			       struct go_version version);
void go_code_destroy(struct go_code *code);

// What is at an address: a return address, or with go_code_exact one that was to run
// next. Never NULL; valid as long as the code.
const struct go_point *go_code_at(struct go_code *code, uint64_t pc);
const struct go_point *go_code_exact(struct go_code *code, uint64_t pc);

// The same with its lines filled in.
const struct go_point *go_code_lines(struct go_code *code, const struct go_point *point);

// The name and role of the function that covers an address, "" where none does.
struct str go_code_function(struct go_code *code, uint64_t pc, enum go_role *role);
