// Finds them while the process, or a copy of it, stands still; then shows them as any
// goroutines: what is leaked does not move.
#include "source/capture_leaks.h"

#include "base/error.h"
#include "golang/process.h"
#include "heapdump/goroutine_leaks.h"
#include "source/capture.h"
#include "source/capture_change.h"
#include "source/capture_goroutine.h"
#include "source/standing.h"
#include "target/memory_file.h"
#include "target/pause.h"
#include "target/snapshot.h"

enum { STOP_LIMIT_NS = 1000000000 };

static bool find(struct go_process *process, const struct standing *standing,
		 struct goroutine_leaks *out, struct error *err)
{
	struct goroutine_leaks_options options = {
		.threads = standing->threads,
		.thread_count = standing->count,
		.registers = &standing->registers[0][0],
		.register_count = standing->count * PAUSE_REGISTERS,
	};

	return goroutine_leaks_find(process, &options, out, err);
}

static bool find_in_core(struct go_process *process, struct goroutine_leaks *out,
			 struct error *err)
{
	struct standing standing = standing_of_core(process->core);
	bool is_found = find(process, &standing, out, err);

	standing_deinit(&standing);
	return is_found;
}

// The copy is read in place of the process.
static bool find_in_copy(struct go_process *process, int copy,
			 const struct standing *standing, struct goroutine_leaks *out,
			 struct error *err)
{
	const struct memory *memory = process->memory;
	int pid = process->pid;
	struct memory_file file;
	bool is_found;

	if (!memory_file_open(copy, &file, err))
		return false;
	process->pid = copy;
	process->memory = &file.memory;
	is_found = find(process, standing, out, err);
	process->pid = pid;
	process->memory = memory;
	memory_file_close(&file);
	return is_found;
}

static bool find_by_snapshot(struct go_process *process, struct pause *pause,
			     const struct standing *standing, struct goroutine_leaks *out,
			     int64_t *pause_ns, struct error *err)
{
	struct snapshot snapshot;
	bool is_taken = snapshot_take(pause, &snapshot, err);

	*pause_ns = pause_end(pause);
	if (!is_taken)
		return false;
	is_taken = find_in_copy(process, snapshot.pid, standing, out, err);
	snapshot_end(&snapshot);
	return is_taken;
}

static bool find_live(struct capture_target *target,
		      const struct capture_goroutine_options *options,
		      struct capture_notes *notes, struct goroutine_leaks *out,
		      struct error *err)
{
	int64_t limit =
		options->stop_limit_ns > 0 ? options->stop_limit_ns : STOP_LIMIT_NS;
	struct standing standing;
	struct pause pause;
	int64_t pause_ns;
	bool is_found;

	if (!options->is_stopped && !options->is_copied)
		return error_set(
			err, ERROR_USAGE,
			"pointers that change while they are read prove nothing: "
			"pass --snapshot to make it copy itself in a moment, or "
			"--stop to let it stand still meanwhile");
	if (!pause_begin(target->pid, limit, &pause, err))
		return false;
	standing = standing_of_pause(&pause);
	if (options->is_copied) {
		is_found = find_by_snapshot(target->go, &pause, &standing, out, &pause_ns,
					    err);
	} else {
		is_found = find(target->go, &standing, out, err);
		pause_ns = pause_end(&pause);
	}
	standing_deinit(&standing);
	capture_notes_add(notes, "process %d stood still for %.1f ms", target->pid,
			  (double)pause_ns / 1e6);
	return is_found;
}

static void note_found(const struct goroutine_leaks *leaks, struct capture_notes *notes)
{
	capture_notes_add(notes, "%zu of %zu blocked goroutines can never run again",
			  leaks->leaked, leaks->blocked);
	if (leaks->unknown > 0)
		capture_notes_add(notes,
				  "of %zu it is not known what they wait for: they are "
				  "taken for alive",
				  leaks->unknown);
	if (leaks->unread_spans > 0)
		capture_notes_add(notes,
				  "%llu parts of the heap could not be read: what only "
				  "they lead to may be called leaked wrongly",
				  (unsigned long long)leaks->unread_spans);
}

static bool find_leaks(struct capture_target *target,
		       const struct capture_options *options, struct capture_notes *notes,
		       struct goroutine_leaks *out, struct error *err)
{
	bool is_core = target->go->core != NULL;

	if (!(is_core ? find_in_core(target->go, out, err)
		      : find_live(target, &options->goroutine, notes, out, err))) {
		goroutine_leaks_deinit(out);
		return error_wrap(err, "process %d", target->pid);
	}
	note_found(out, notes);
	return true;
}

// Leaves those of `later` that are not in `earlier`; what is leaked stays leaked.
static void keep_new(struct goroutine_leaks *later, const struct goroutine_leaks *earlier)
{
	struct map ids = { 0 };

	later->leaked = 0;
	for (size_t i = 0; i < later->ids.capacity; i++) {
		const struct map_slot *slot = &later->ids.slots[i];

		if (!slot->used || map_get(&earlier->ids, slot->key) != MAP_NONE)
			continue;
		*map_put(&ids, slot->key) = 0;
		later->leaked++;
	}
	map_deinit(&later->ids);
	later->ids = ids;
}

// Two looks; what only the second one finds.
static bool find_growth(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes, struct goroutine_leaks *out,
			struct error *err)
{
	struct goroutine_leaks before = { 0 };
	double seconds;
	bool is_found;

	if (target->go->core != NULL)
		return error_set(err, ERROR_USAGE,
				 "in a core file no time passes: leave out --seconds, or "
				 "take two core files and compare with -base");
	if (!find_leaks(target, options, notes, &before, err))
		return false;
	seconds = capture_change_wait(target, options->seconds);
	is_found = find_leaks(target, options, notes, out, err);
	if (is_found) {
		keep_new(out, &before);
		capture_notes_add(notes,
				  "%zu of them are new since %.1f s ago: only "
				  "these are shown",
				  out->leaked, seconds);
	}
	goroutine_leaks_deinit(&before);
	return is_found;
}

static bool find_wanted(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes, struct goroutine_leaks *out,
			struct error *err)
{
	return options->seconds > 0 ? find_growth(target, options, notes, out, err)
				    : find_leaks(target, options, notes, out, err);
}

// How to show them: as they are now, without another stop.
static struct capture_options showing(const struct capture_options *options,
				      const struct goroutine_leaks *leaks)
{
	struct capture_options shown = *options;

	shown.goroutine.is_stopped = false;
	shown.goroutine.ids = &leaks->ids;
	shown.goroutine.with_origins = true;
	return shown;
}

bool capture_leaks_profile(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes, struct profile **out,
			   struct error *err)
{
	struct goroutine_leaks leaks = { 0 };
	struct capture_options shown;
	bool is_done;

	if (!find_wanted(target, options, notes, &leaks, err))
		return false;
	shown = showing(options, &leaks);
	is_done = capture_goroutine_profile(target, &shown, notes, out, err);
	goroutine_leaks_deinit(&leaks);
	return is_done;
}

bool capture_leaks_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err)
{
	struct goroutine_leaks leaks = { 0 };
	struct capture_options shown;
	bool is_done;

	if (!find_wanted(target, options, notes, &leaks, err))
		return false;
	shown = showing(options, &leaks);
	is_done = capture_goroutine_text(target, &shown, notes, request, err);
	goroutine_leaks_deinit(&leaks);
	return is_done;
}
