// The table of what can be taken from what.
#include "source/capture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "golang/process.h"
#include "source/capture_block.h"
#include "source/capture_core.h"
#include "source/capture_goroutine.h"
#include "source/capture_heap.h"
#include "source/capture_leaks.h"
#include "source/capture_recorded.h"
#include "source/capture_threadcreate.h"
#include "source/capture_wall.h"
#include "target/core_memory.h"
#include "target/process.h"

enum { NOTE_SIZE = 1024, CAPTURE_ANY_CORE = CAPTURE_GO_CORE | CAPTURE_NATIVE_CORE };

static const struct capture_row rows[] = {
	{
		"goroutine",
		CAPTURE_GO_LIVE | CAPTURE_GO_CORE,
		"traces",
		capture_goroutine_profile,
		capture_goroutine_text,
	},
	{
		"heap",
		CAPTURE_GO_LIVE | CAPTURE_GO_CORE,
		NULL,
		capture_heap_profile,
		capture_heap_text,
	},
	{
		"allocs",
		CAPTURE_GO_LIVE | CAPTURE_GO_CORE,
		NULL,
		capture_allocs_profile,
		capture_heap_text,
	},
	{
		"block",
		CAPTURE_GO_LIVE | CAPTURE_GO_CORE,
		NULL,
		capture_block_profile,
		capture_block_text,
	},
	{
		"mutex",
		CAPTURE_GO_LIVE | CAPTURE_GO_CORE,
		NULL,
		capture_mutex_profile,
		capture_mutex_text,
	},
	{
		"leaks",
		CAPTURE_GO_LIVE | CAPTURE_GO_CORE,
		"traces",
		capture_leaks_profile,
		capture_leaks_text,
	},
	{
		"wall",
		CAPTURE_GO_LIVE,
		NULL,
		capture_wall_profile,
		NULL,
	},
	{
		"threadcreate",
		CAPTURE_GO_LIVE | CAPTURE_GO_CORE,
		"traces",
		capture_threadcreate_profile,
		capture_threadcreate_text,
	},
	{
		"heap",
		CAPTURE_RECORDED,
		NULL,
		capture_recorded_profile,
		capture_recorded_text,
	},
	{
		"allocs",
		CAPTURE_RECORDED,
		NULL,
		capture_recorded_profile,
		capture_recorded_text,
	},
	{
		"block",
		CAPTURE_RECORDED,
		NULL,
		capture_recorded_profile,
		capture_recorded_text,
	},
	{
		"mutex",
		CAPTURE_RECORDED,
		NULL,
		capture_recorded_profile,
		capture_recorded_text,
	},
	{
		"goroutine",
		CAPTURE_NATIVE_CORE,
		"traces",
		capture_core_profile,
		NULL,
	},
	{
		"goroutine",
		CAPTURE_RECORDED,
		"traces",
		capture_recorded_profile,
		capture_recorded_text,
	},
	{
		"threadcreate",
		CAPTURE_RECORDED,
		"traces",
		capture_recorded_profile,
		capture_recorded_text,
	},
};

void capture_notes_add(struct capture_notes *notes, const char *format, ...)
{
	char text[NOTE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	notes->texts = table_reserve(notes->texts, &notes->capacity, notes->count + 1,
				     sizeof(*notes->texts));
	notes->texts[notes->count++] = str_copy(&notes->arena, str_from(text));
}

void capture_notes_deinit(struct capture_notes *notes)
{
	free(notes->texts);
	arena_deinit(&notes->arena);
	*notes = (struct capture_notes){ 0 };
}

bool capture_open(int pid, struct capture_target *out, struct error *err)
{
	struct capture_target target = { .class = CAPTURE_NATIVE, .pid = pid };
	struct error why;

	if (!process_is_alive(pid))
		return error_set(err, ERROR_NOT_FOUND,
				 "process %d: no such process: try goprof ps", pid);
	if (go_process_open(pid, &target.go, &why)) {
		target.class = CAPTURE_GO_LIVE;
	} else if (go_process_is_go(pid, NULL, NULL) || why.code == ERROR_PERMISSION) {
		*err = why;
		return false;
	} else if (capture_recorded_find(pid, &target.arena, &target.url)) {
		target.class = CAPTURE_RECORDED;
	}
	*out = target;
	return true;
}

bool capture_open_core(const char *path, const char *binary, struct capture_target *out,
		       struct error *err)
{
	struct capture_target target = { .class = CAPTURE_GO_CORE };
	struct error ignored;

	if (go_process_open_core(path, binary, &target.go, err)) {
		target.pid = target.go->pid;
	} else if (capture_core_open(path, binary, &target.native_core, &ignored)) {
		target.class = CAPTURE_NATIVE_CORE;
		target.pid = target.native_core->pid;
	} else {
		return false;
	}
	target.core = str_copy(&target.arena, str_from(path));
	*out = target;
	return true;
}

void capture_close(struct capture_target *target)
{
	go_process_close(target->go);
	core_memory_close(target->native_core);
	arena_deinit(&target->arena);
	*target = (struct capture_target){ 0 };
}

static const char *class_name(enum capture_class class)
{
	switch (class) {
	case CAPTURE_GO_LIVE:
		return "a Go program";
	case CAPTURE_GO_CORE:
		return "a core file of a Go program";
	case CAPTURE_RECORDED:
		return "a program with libgoprof";
	case CAPTURE_NATIVE_CORE:
		return "a core file of a program without a Go runtime";
	case CAPTURE_NATIVE:
		return "neither a Go program nor one with libgoprof";
	}
	return "";
}

struct str capture_kinds(enum capture_class class, struct arena *arena)
{
	// What the kernel tells of any process is recorded by goprof cpu.
	struct str kinds = (class & CAPTURE_ANY_CORE) != 0 ? STR("") : STR("cpu");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((rows[i].classes & class) != 0)
			kinds = str_format(arena, "%.*s%s%s", (int)kinds.n, kinds.p,
					   kinds.n > 0 ? " " : "", rows[i].kind);
	}
	return kinds;
}

const struct capture_row *capture_find(struct capture_target *target, const char *kind,
				       struct error *err)
{
	struct arena arena = { 0 };
	struct str kinds, source;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((rows[i].classes & target->class) != 0 &&
		    strcmp(rows[i].kind, kind) == 0)
			return target->row = &rows[i];
	}
	kinds = capture_kinds(target->class, &arena);
	source = target->core.n > 0 ? target->core
				    : str_format(&arena, "process %d", target->pid);
	error_set(err, ERROR_UNSUPPORTED,
		  "%s is not to be had from %.*s: it is %s, which gives: %.*s", kind,
		  (int)source.n, source.p, class_name(target->class), (int)kinds.n,
		  kinds.p);
	arena_deinit(&arena);
	return NULL;
}

const char *capture_default_format(const char *kind)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].kind, kind) == 0)
			return rows[i].format;
	}
	return NULL;
}
