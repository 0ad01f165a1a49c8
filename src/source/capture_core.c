// Tells the tally of samples what perf would have told: a mapping for each executable
// segment, a sample for each thread.
#include "source/capture_core.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "binary/elf.h"
#include "binary/symbolize.h"
#include "golang/build_info.h"
#include "profile/profile.h"
#include "source/capture.h"
#include "source/samples.h"
#include "target/core_memory.h"
#include "target/perf_record.h"

static const struct tally_event threads_event = { STR("goroutine"), STR("count"), 1 };

static bool check_program(const struct core_memory *core, struct error *err)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct str path = core->file_count > 0 ? core->files[0].path : STR("");
	struct go_build_info info;
	struct elf *elf;
	bool is_go;

	if (path.n == 0 || core->thread_count == 0)
		return error_set(err, ERROR_FORMAT,
				 "the core file tells of no program and its threads");
	if (!elf_open(str_terminated(&arena, path), &elf, err))
		return error_append(err, ": name the binary behind the core file");
	is_go = go_build_info_read(elf, &info);
	elf_close(elf);
	return !is_go || error_set(err, ERROR_UNSUPPORTED, "it is a Go program");
}

bool capture_core_open(const char *path, const char *binary, struct core_memory **out,
		       struct error *err)
{
	struct core_memory *core;

	if (!core_memory_open(path, binary, &core, err))
		return false;
	if (!check_program(core, err)) {
		core_memory_close(core);
		return error_wrap(err, "%s", path);
	}
	*out = core;
	return true;
}

// Whether code of the file is mapped there. gcore leaves code out of the segments, and
// what is mapped where comes without permissions: the file itself says.
static bool is_code(const struct core_file *file, const struct elf *elf)
{
	uint64_t size = file->limit - file->start;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];

		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0 &&
		    segment->p_offset >= file->offset &&
		    segment->p_offset - file->offset < size)
			return true;
	}
	return false;
}

static void add_code(struct core_memory *core, struct samples *samples)
{
	for (size_t i = 0; i < core->file_count; i++) {
		const struct core_file *file = &core->files[i];
		const struct elf *elf = core_memory_file(core, i);
		struct perf_record record = {
			.type = PERF_RECORD_MMAP2,
			.pid = core->pid,
			.tid = core->pid,
			.mapping = {
				.start = file->start,
				.size = file->limit - file->start,
				.offset = file->offset,
				.is_executable = true,
				.file = file->path,
			},
		};

		// What is not there any more is to be missed where a stack meets it.
		if (elf == NULL || is_code(file, elf))
			samples_take(samples, &record);
	}
}

static struct unwind_registers registers_of(const struct user_regs_struct *r)
{
	return (struct unwind_registers){
		.value = {
			[UNWIND_RAX] = r->rax, [UNWIND_RDX] = r->rdx,
			[UNWIND_RCX] = r->rcx, [UNWIND_RBX] = r->rbx,
			[UNWIND_RSI] = r->rsi, [UNWIND_RDI] = r->rdi,
			[UNWIND_RBP] = r->rbp, [UNWIND_RSP] = r->rsp,
			[UNWIND_R8] = r->r8,   [UNWIND_R9] = r->r9,
			[UNWIND_R10] = r->r10, [UNWIND_R11] = r->r11,
			[UNWIND_R12] = r->r12, [UNWIND_R13] = r->r13,
			[UNWIND_R14] = r->r14, [UNWIND_R15] = r->r15,
			[UNWIND_RIP] = r->rip,
		},
		.known = (1U << UNWIND_REGISTERS) - 1,
	};
}

static void add_threads(const struct core_memory *core, struct samples *samples)
{
	for (size_t i = 0; i < core->thread_count; i++) {
		struct samples_thread thread = {
			.pid = core->pid,
			.memory = &core->memory,
			.registers = registers_of(&core->threads[i].registers),
		};

		samples_take_thread(samples, &thread);
	}
}

// The tally counts samples beside the event; here they are the same.
static void drop_samples_column(struct profile *profile)
{
	for (size_t i = 0; i < profile->sample_count; i++)
		profile->sample_values[i] = profile->sample_values[2 * i + 1];
	profile->types[0] = profile->types[1];
	profile->type_count = 1;
}

static struct profile *finish_take(const struct core_memory *core,
				   struct samples *samples)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct profile *profile =
		tally_finish_take(&samples->tally, &samples->names, core->pid);
	struct symbolize_options options = {
		.no_kernel = true,
		.mappings = samples->tally.mappings,
		.mapping_count = profile->mapping_count,
	};

	drop_samples_column(profile);
	profile->time_ns = core->time_ns;
	symbolize_profile(profile, &options, &arena);
	return profile;
}

bool capture_core_profile(struct capture_target *target,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct profile **out,
			  struct error *err)
{
	struct core_memory *core = target->native_core;
	struct samples *samples = table_zeroed(1, sizeof(*samples));
	uint64_t truncated;

	(void)options;
	(void)err;
	samples_init(samples, CODE_RECORDED, &threads_event, 1);
	add_code(core, samples);
	add_threads(core, samples);
	samples_warn_of_missing_code(samples);
	truncated = samples_truncated(samples);
	if (truncated > 0)
		capture_notes_add(notes, "%llu of %zu threads have an incomplete stack",
				  (unsigned long long)truncated, core->thread_count);
	if (core->signal > 0)
		capture_notes_add(notes, "thread %d died of signal %d (%s)", core->pid,
				  core->signal, strsignal(core->signal));
	*out = finish_take(core, samples);
	samples_deinit(samples);
	free(samples);
	return true;
}
