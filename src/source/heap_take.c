// Stops, copies, lets go.
#include "source/heap_take.h"

#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "golang/process.h"
#include "heapdump/go_take_roots.h"
#include "source/capture.h"
#include "source/standing.h"
#include "target/memory_file.h"
#include "target/pause.h"
#include "target/snapshot.h"

enum { STOP_LIMIT_NS = 1000000000 };

_Static_assert((int)PAUSE_REGISTERS == (int)GO_TAKE_REGISTERS, "the same registers");

struct taking {
	struct capture_target *target;
	const struct heap_take_options *options;
	struct writer w;
	struct heap_take_result *result;
};

static bool take_standing(struct taking *taking, const struct standing *standing,
			  struct go_take **take, struct error *err)
{
	struct go_take_options options = {
		.without_contents = taking->options->without_contents,
		.threads = standing->threads,
		.registers = (const uint64_t(*)[GO_TAKE_REGISTERS])standing->registers,
		.thread_count = standing->count,
	};

	return go_take_begin(taking->target->go, &options, &taking->w, take,
			     &taking->result->counts, err);
}

static bool take_core(struct taking *taking, struct error *err)
{
	struct standing standing = standing_of_core(taking->target->go->core);
	struct go_take *take = NULL;
	bool is_taken = take_standing(taking, &standing, &take, err);

	if (is_taken)
		go_take_finish(take, 0);
	standing_deinit(&standing);
	return is_taken;
}

// The copy is read in place of the process, which goes on meanwhile.
static bool take_copy(struct taking *taking, int copy, const struct standing *standing,
		      struct go_take **take, struct error *err)
{
	struct go_process *process = taking->target->go;
	const struct memory *memory = process->memory;
	int pid = process->pid;
	struct memory_file file;
	bool is_taken;

	if (!memory_file_open(copy, &file, err))
		return false;
	process->pid = copy;
	process->memory = &file.memory;
	is_taken = take_standing(taking, standing, take, err);
	process->pid = pid;
	process->memory = memory;
	memory_file_close(&file);
	return is_taken;
}

static bool take_snapshot(struct taking *taking, struct pause *pause,
			  const struct standing *standing, struct go_take **take,
			  struct error *err)
{
	struct snapshot snapshot;
	bool is_taken = snapshot_take(pause, &snapshot, err);

	taking->result->pause_ns = pause_end(pause);
	if (!is_taken)
		return false;
	is_taken = take_copy(taking, snapshot.pid, standing, take, err);
	snapshot_end(&snapshot);
	return is_taken;
}

static bool take_live(struct taking *taking, struct error *err)
{
	int64_t limit = taking->options->stop_limit_ns;
	struct go_take *take = NULL;
	struct standing standing;
	struct pause pause;
	bool is_taken;

	go_take_roots_prepare(taking->target->go);
	if (!pause_begin(taking->target->pid, limit > 0 ? limit : STOP_LIMIT_NS, &pause,
			 err))
		return false;
	standing = standing_of_pause(&pause);
	if (taking->options->way == HEAP_TAKE_SNAPSHOT) {
		is_taken = take_snapshot(taking, &pause, &standing, &take, err);
	} else {
		is_taken = take_standing(taking, &standing, &take, err);
		taking->result->pause_ns = pause_end(&pause);
	}
	if (is_taken)
		go_take_finish(take, (uint64_t)taking->result->pause_ns);
	standing_deinit(&standing);
	return is_taken;
}

static bool check(const struct capture_target *target,
		  const struct heap_take_options *options, struct error *err)
{
	if (target->go == NULL)
		return error_set(
			err, ERROR_UNSUPPORTED,
			"process %d: heap dumps are taken of Go programs, and of "
			"those under goprof run --memprofilerate 1 or libgoprof "
			"with GOPROF=heap=1",
			target->pid);
	if (target->go->core == NULL && options->way == HEAP_TAKE_NOTHING)
		return error_set(
			err, ERROR_USAGE,
			"process %d: a heap that changes while it is read gives a wrong "
			"graph: pass --snapshot to make it copy itself in a moment, or "
			"--stop to let it stand still meanwhile",
			target->pid);
	return true;
}

bool heap_take(struct capture_target *target, const struct heap_take_options *options,
	       const char *path, struct heap_take_result *out, struct error *err)
{
	struct taking taking = { .target = target, .options = options, .result = out };
	struct file_output file;
	bool is_taken;

	*out = (struct heap_take_result){ 0 };
	if (!check(target, options, err) || !file_output_open(&file, path, err))
		return false;
	taking.w = writer_to_fd(file.fd);
	is_taken = target->go->core != NULL ? take_core(&taking, err)
					    : take_live(&taking, err);
	is_taken = is_taken && writer_finish(&taking.w, err);
	writer_deinit(&taking.w);
	if (is_taken)
		return file_output_commit(&file, err);
	file_output_discard(&file);
	return error_wrap(err, "process %d", target->pid);
}
