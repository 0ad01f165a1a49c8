// The program files that the recorded processes run, opened when a stack first needs one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct module;
struct unwind_table;

enum code_state {
	CODE_UNOPENED,
	CODE_OPEN,
	CODE_ANONYMOUS, // generated at run time: there is no file
	CODE_MISSING,   // `problem` says why
};

// Whose files they are.
enum code_origin {
	CODE_LIVE,     // of processes that run on this machine now
	CODE_RECORDED, // of processes that a file tells of, perhaps on another machine
};

// One file, however many processes map it. `file` is the target's name for it.
struct code {
	struct str file;
	uint32_t root;
	uint64_t inode;
	struct str build_id; // as a recording tells it, "" where it does not
	enum code_state state;
	bool is_go;
	bool is_replaced; // what stands under the name now is not what runs
	struct module *module;
	struct unwind_table *table; // NULL: frame pointers alone
	struct str problem;
};

// Owner of the files and of the descriptors that keep the roots of other mount namespaces
// in reach after their processes have ended. Root 0 is our own.
struct code_set {
	struct arena arena;
	struct code *codes;
	size_t count, capacity;
	size_t opened; // files opened so far: rules made before the last may lack its
	struct map by_key;
	struct code_root *roots;
	size_t root_count, root_capacity;
	enum code_origin origin;
	struct map build_id_rows; // of a recording: name of a file -> row of build_ids
	struct str *build_ids;
	size_t build_id_count, build_id_capacity;
};

void code_set_init(struct code_set *set, enum code_origin origin);
void code_set_deinit(struct code_set *set);

// The root that a process sees, 0 when it cannot be told any more.
uint32_t code_root_of(struct code_set *set, int pid);

// The path of that root as a prefix, "" for our own.
struct str code_root_path(const struct code_set *set, uint32_t root);

// The row of that file. Memory without a file is told apart by pid.
uint32_t code_find(struct code_set *set, uint32_t root, int pid, struct str file,
		   uint64_t inode);

// Says which build id (as text) files of that name had that are met from now on.
void code_set_build_id(struct code_set *set, struct str file, struct str build_id);

// Where a process maps the file, to check that it is the one that runs.
struct code_place {
	int pid;
	uint64_t start, limit, offset;
};

// What to subtract from addresses of a mapping to get the file's own; false when no
// executable segment of the file is what is mapped.
bool code_bias(const struct code *code, const struct code_place *place, uint64_t *out);

// Opens a file and compiles its unwind rules, once; what is then known is in the row. Of
// a recording, the place does not matter, and the file is whichever has the build id.
struct code *code_open(struct code_set *set, uint32_t code,
		       const struct code_place *place);
