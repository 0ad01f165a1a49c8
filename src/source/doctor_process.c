// Trying things out on one process, and looking for the names of its code.
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "binary/module.h"
#include "source/code.h"
#include "source/doctor_add.h"
#include "target/capability.h"
#include "target/maps.h"
#include "target/process.h"
#include "unwind/table.h"

static void examine_events(struct doctor_facts *facts, int pid)
{
	int errnum = capability_try_user_events(pid);
	struct error err;

	facts->can_profile = errnum == 0;
	if (errnum == 0) {
		doctor_add(facts, DOCTOR_WORKS, STR("CPU profiling"),
			   STR("perf events open on this process"), STR(""));
		return;
	}
	capability_explain_perf(pid, errnum, &err);
	doctor_add(facts, DOCTOR_FAILS, STR("CPU profiling"),
		   str_copy(&facts->arena, str_from(err.text)),
		   str_format(&facts->arena, "sudo goprof cpu %d", pid));
}

static void examine_memory(struct doctor_facts *facts, int pid)
{
	int errnum = capability_try_memory(pid);

	if (errnum == 0)
		doctor_add(facts, DOCTOR_WORKS, STR("memory"),
			   STR("its memory can be read"), STR(""));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("memory"),
			   str_format(&facts->arena, "its memory cannot be read: %s",
				      strerror(errnum)),
			   str_format(&facts->arena, "sudo goprof doctor %d", pid));
}

static void examine_identity(struct doctor_facts *facts, int pid,
			     const struct process_status *status)
{
	char path[64], target[4096];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	size = readlink(path, target, sizeof(target));
	doctor_add(facts, DOCTOR_WORKS, STR("process"),
		   str_format(&facts->arena,
			      "%s, %.*s, %d threads, user %u, %llu ms of CPU so far%s",
			      status->name, size > 0 ? (int)size : 1,
			      size > 0 ? target : "?", status->thread_count, status->user,
			      (unsigned long long)(status->cpu_ns / 1000000),
			      process_shares_files_with_us(pid)
				      ? ""
				      : ", sees other files than we do (a container)"),
		   STR(""));
}

// Without the descriptor that we reach another root by.
static struct str without_root(struct arena *arena, struct str text, struct str root)
{
	ptrdiff_t at = root.n == 0 ? STR_NOT_FOUND : str_find(text, root);
	struct str behind;

	if (at == STR_NOT_FOUND)
		return text;
	behind = str_after(text, (size_t)at + root.n);
	return str_format(arena, "%.*s%.*s", (int)at, text.p, (int)behind.n, behind.p);
}

static void describe_file(struct doctor_facts *facts, const struct code *code,
			  struct str root)
{
	struct str build_id = module_build_id(code->module);
	struct str names = without_root(
		&facts->arena, module_describe(code->module, &facts->arena), root);
	size_t rows = code->table == NULL ? 0 : unwind_table_stats(code->table).rows;

	doctor_add(facts, DOCTOR_WORKS, code->file,
		   str_format(&facts->arena, "%s%s%.*s; %zu unwind rows; build id %.*s",
			      code->is_replaced ? "replaced since it was started, read "
						  "from the kernel; "
						: "",
			      code->is_go ? "Go; " : "", (int)names.n, names.p, rows,
			      build_id.n == 0 ? 4 : (int)build_id.n,
			      build_id.n == 0 ? "none" : build_id.p),
		   STR(""));
}

static void examine_generated_code(struct doctor_facts *facts, int pid,
				   const struct process_status *status)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/root/tmp/perf-%d.map", pid,
		 status->namespace_pid);
	if (access(path, R_OK) == 0)
		doctor_add(facts, DOCTOR_WORKS, STR("generated code"),
			   str_format(&facts->arena, "names from %s", path), STR(""));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("generated code"),
			   str_format(&facts->arena, "no names: there is no %s", path),
			   STR("start it so that it writes one: node --perf-basic-prof, "
			       "python3 -X perf, java -XX:+DumpPerfMapAtExit"));
}

static void examine_code(struct doctor_facts *facts, int pid,
			 const struct process_status *status)
{
	struct code_set codes;
	struct maps maps;
	struct error err;
	bool has_generated = false;
	size_t seen = 0;
	uint32_t root;

	if (!maps_read(pid, &maps, &err))
		return;
	code_set_init(&codes, CODE_LIVE);
	root = code_root_of(&codes, pid);
	for (size_t i = 0; i < maps.count; i++) {
		const struct maps_entry *entry = &maps.entries[i];
		struct code_place place = { pid, entry->start, entry->limit,
					    entry->offset };
		const struct code *code;
		uint32_t row;

		if (!entry->is_executable || str_equal(entry->file, STR("[vsyscall]")))
			continue;
		row = code_find(&codes, root, pid, entry->file, entry->inode);
		has_generated |= codes.codes[row].state == CODE_ANONYMOUS;
		// A file is told once, however many mappings show it.
		if (row < seen || codes.codes[row].state == CODE_ANONYMOUS)
			continue;
		seen = row + (size_t)1;
		code = code_open(&codes, row, &place);
		if (code->state == CODE_OPEN)
			describe_file(facts, code, code_root_path(&codes, root));
		else
			doctor_add(facts, DOCTOR_LIMITED,
				   str_copy(&facts->arena, code->file),
				   str_copy(&facts->arena, code->problem), STR(""));
		facts->facts[facts->count - 1].topic =
			str_copy(&facts->arena, str_basename(code->file));
	}
	if (has_generated)
		examine_generated_code(facts, pid, status);
	code_set_deinit(&codes);
	maps_deinit(&maps);
}

void doctor_examine_process(struct doctor_facts *facts, int pid)
{
	struct process_status status;

	facts->can_profile = false;
	if (!process_read_status(pid, &status)) {
		doctor_add(facts, DOCTOR_FAILS, STR("process"),
			   str_format(&facts->arena, "there is no process %d", pid),
			   STR("ps -e"));
		return;
	}
	examine_identity(facts, pid, &status);
	examine_events(facts, pid);
	examine_memory(facts, pid);
	examine_code(facts, pid, &status);
}
