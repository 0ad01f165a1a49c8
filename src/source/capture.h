// Profiles of a live process or a core file by kind: the one place that decides what a
// process can give, and how.
//
// A Go program is read from outside; one with libgoprof in it is asked; any other native
// program gives what the kernel knows. capture_rows in capture.c holds a row for each
// kind and class: a new kind is a file capture_NAME.c and a row there.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct error;
struct go_process;
struct map;
struct profile;
struct writer;

struct capture_row;
struct core_memory;

enum capture_class {
	CAPTURE_GO_LIVE = 1,
	CAPTURE_GO_CORE = 2,
	CAPTURE_RECORDED = 4, // has libgoprof
	CAPTURE_NATIVE = 8,
	CAPTURE_NATIVE_CORE = 16,
};

// What a user named, opened. Zero-initialised is empty.
struct capture_target {
	enum capture_class class;
	int pid;
	struct go_process *go;           // of the Go classes, owned
	struct core_memory *native_core; // of CAPTURE_NATIVE_CORE, owned
	struct str core;                 // the path of a core file
	int command_pid;                 // it is a command of ours, 0: it is not
	struct str url;                  // of CAPTURE_RECORDED: where to ask
	const struct capture_row *row;   // by the last capture_find
	struct arena arena;              // for what is said of it
};

// Of the kind goroutine. Strings are "" where they are not given.
struct capture_goroutine_options {
	struct str state;      // a regular expression for the state as Go words it
	struct str created_by; // one for the function that started it
	struct str label;      // KEY or KEY=VALUE
	int64_t waiting_over_ns;
	bool with_system;      // also the runtime's own
	bool is_stopped;       // stop the process for it
	int64_t stop_limit_ns; // 0: 50 ms
	bool is_sampled;       // sample running threads for a moment, without a stop
	bool is_copied;        // of the kind leaks: look at a snapshot of the process
	const struct map *ids; // only these goroutines, NULL: all
	bool with_origins;     // label samples with who started the goroutine
};

// Of the kinds that a Go runtime samples by itself: heap, allocs, block, mutex.
struct capture_sampled_options {
	bool is_live;    // of heap, allocs: with what was allocated since the last
			 // collection
	bool collects;   // of heap, allocs: make the program collect garbage before
	bool is_enabled; // sample for the time of the capture
	uint64_t rate;   // so: as the runtime's own function takes it, 0: the kind's own
};

struct capture_options {
	double seconds;   // 0: as the kind has it
	uint32_t rate_hz; // of the kind wall; 0: 100
	bool hides_idle;  // of wall: what does not run at all
	struct capture_goroutine_options goroutine;
	struct capture_sampled_options sampled;
};

// What to say beside the answer, in sentences for people.
struct capture_notes {
	struct arena arena;
	struct str *texts;
	size_t count, capacity;
};

void capture_notes_add(struct capture_notes *notes, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void capture_notes_deinit(struct capture_notes *notes);

// Text as Go's own endpoints write it for ?debug=N, or JSON of what that shows.
enum capture_text { CAPTURE_DEBUG_1 = 1, CAPTURE_DEBUG_2 = 2, CAPTURE_JSON = 3 };

struct capture_text_request {
	enum capture_text text;
	struct writer *w;
};

// One kind of one class of target.
struct capture_row {
	const char *kind;   // "goroutine"
	unsigned classes;   // a set of enum capture_class
	const char *format; // the report where none is asked for, NULL: top
	// The profile, which the caller owns.
	bool (*profile)(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes, struct profile **out,
			struct error *err);
	// NULL: this kind has no such text.
	bool (*text)(struct capture_target *target, const struct capture_options *options,
		     struct capture_notes *notes,
		     const struct capture_text_request *request, struct error *err);
};

// Opens a live process, and decides its class.
bool capture_open(int pid, struct capture_target *out, struct error *err)
	__attribute__((warn_unused_result));

// Opens a core file; binary may be NULL.
bool capture_open_core(const char *path, const char *binary, struct capture_target *out,
		       struct error *err) __attribute__((warn_unused_result));
void capture_close(struct capture_target *target);

// The row of that kind for the target; NULL with a sentence that says what the target
// does give.
const struct capture_row *capture_find(struct capture_target *target, const char *kind,
				       struct error *err);

// All kinds a class gives, separated by blanks.
struct str capture_kinds(enum capture_class class, struct arena *arena);

// The report of a kind where none is asked for; NULL: top.
const char *capture_default_format(const char *kind);
