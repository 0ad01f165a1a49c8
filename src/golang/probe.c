// From names of functions to offsets in the file that the process runs.
#include "golang/probe.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/process.h"
#include "target/maps.h"

// The link to the program leads to the file even where its name is gone or is another
// one's here; a library has only its name.
static void name_file(const struct go_process *process, char path[PATH_MAX])
{
	char target[PATH_MAX];
	struct str name = { target, 0 };
	ssize_t length;

	snprintf(path, PATH_MAX, "/proc/%d/exe", process->pid);
	length = readlink(path, target, sizeof(target));
	if (length > 0)
		name.n = (size_t)length;
	maps_strip_deleted(&name);
	if (!str_equal(name, process->path))
		snprintf(path, PATH_MAX, "/proc/%d/root%.*s", process->pid,
			 (int)process->path.n, process->path.p);
}

bool go_probe_open(const struct go_process *process, struct uprobe_options options,
		   struct uprobe **out, struct error *err)
{
	char path[PATH_MAX];

	if (process->core != NULL)
		return error_set(err, ERROR_USAGE,
				 "a core file runs no more: probes need a process");
	name_file(process, path);
	options.pid = process->pid;
	options.path = path;
	return uprobe_open(&options, out, err);
}

bool go_probe_find(const struct go_process *process, struct str name,
		   struct pclntab_function *out)
{
	size_t count = pclntab_function_count(process->pclntab);

	for (size_t i = 0; i < count; i++) {
		if (pclntab_function_at(process->pclntab, i, out) &&
		    str_equal(out->name, name))
			return true;
	}
	return false;
}

bool go_probe_add(const struct go_process *process, struct uprobe *uprobe,
		  uint64_t address, enum uprobe_detail detail, struct error *err)
{
	const struct elf *elf = process->elf;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];

		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0 &&
		    address - segment->p_vaddr < segment->p_filesz)
			return uprobe_add(uprobe,
					  address - segment->p_vaddr + segment->p_offset,
					  detail, err);
	}
	return error_set(err, ERROR_FORMAT, "%.*s: there is no code at 0x%llx",
			 (int)process->path.n, process->path.p,
			 (unsigned long long)address);
}
