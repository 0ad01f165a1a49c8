// A Go program seen from outside: a live process or a core file, opened, recognised and
// checked, ready for the readers of its runtime's structures.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/str.h"
#include "golang/build_info.h"
#include "golang/symbols.h"
#include "golang/version.h"
#include "target/live_memory.h"
#include "target/page_cache.h"

struct core_memory;
struct elf;
struct error;
struct go_code;
struct go_layout;
struct pclntab;

// Where the offsets of the runtime's structures come from.
enum go_layout_origin {
	GO_LAYOUT_MEASURED,   // the table has this release
	GO_LAYOUT_OF_OLDER,   // the table's last one before it in its line
	GO_LAYOUT_FROM_DWARF, // the program's own
};

// Owns all it points to but the layout. Nothing in it changes after go_process_open but
// what the caches hold.
struct go_process {
	int pid; // of a core file the one it had; 0 where that is not known
	struct core_memory *core;    // NULL: a live process
	const struct memory *memory; // as it is now
	struct page_cache kept;      // the same, read once: for what does not change
	struct live_memory live;
	struct elf *elf; // the program, or the library that has the runtime
	struct str path; // of it, as the process sees it
	uint64_t bias;   // what mapping added to its addresses
	struct pclntab *pclntab;
	struct go_code *code;
	struct go_build_info info;
	struct go_version version;
	const struct go_layout *layout;
	enum go_layout_origin layout_origin;
	struct go_symbols symbols;
	struct arena arena;
};

// Opens a live process. Refuses, naming the version, what is no Go program, what no
// layout is known for and no DWARF describes, and what the layout does not fit: the first
// goroutine's number, m0, stack bounds and the module are looked at before anything is
// believed.
bool go_process_open(int pid, struct go_process **out, struct error *err)
	__attribute__((warn_unused_result));

// The same for a core file. `binary` is its program, NULL: where the core says it was.
bool go_process_open_core(const char *path, const char *binary, struct go_process **out,
			  struct error *err) __attribute__((warn_unused_result));

void go_process_close(struct go_process *process);

// Whether the program of a live process is Go's, by its build information alone; cheap.
// *version (runtime.Version()) may be NULL and is then not given.
bool go_process_is_go(int pid, struct arena *arena, struct str *version);

// When the process was as it is seen: now, or when the core file was written. Nanoseconds
// since 1970.
int64_t go_process_time_ns(const struct go_process *process);

// Where one of the runtime's variables is in the process, 0 where that is not known.
uint64_t go_process_find(const struct go_process *process, struct str name);

// Same for one that cannot be done without: false with the sentence for people.
bool go_process_need(const struct go_process *process, struct str name, uint64_t *out,
		     struct error *err) __attribute__((warn_unused_result));

// Reads many ranges in their order, in few system calls; see memory_range.
size_t go_process_read_many(const struct go_process *process, struct memory_range *ranges,
			    size_t count);

// One unsigned integer of 1, 2, 4 or 8 bytes; 0 where it cannot be read.
uint64_t go_process_read_number(const struct go_process *process, uint64_t address,
				size_t size);

// A string of Go: its header is at `address`. At most `limit` bytes of it, in the arena;
// "" where it cannot be read.
struct str go_process_read_string(const struct go_process *process, uint64_t address,
				  size_t limit, struct arena *arena);
