// Reads the profile as it stands; both kinds differ in nothing but its name.
#include "source/capture_block.h"

#include "base/error.h"
#include "golang/blockprofile.h"
#include "golang/ticks.h"
#include "source/capture.h"
#include "source/capture_change.h"

static const double default_seconds = 10;

// The unit of the runtime's rate of waits is a tick of the processor's counter; 1 takes
// every wait, as in runtime.SetBlockProfileRate.
static uint64_t rate_of(const struct capture_target *target, enum blockprofile_kind kind,
			const struct capture_options *options)
{
	uint64_t rate = options->sampled.rate;

	if (rate <= 1)
		return 1;
	if (kind == BLOCKPROFILE_MUTEX)
		return rate;
	return (uint64_t)((double)rate * (double)go_ticks_per_second(target->go) / 1e9);
}

static bool wait_enabled(struct capture_target *target, enum blockprofile_kind kind,
			 const struct capture_options *options,
			 struct capture_notes *notes, struct error *err)
{
	struct str variable = kind == BLOCKPROFILE_BLOCK
				      ? STR("runtime.blockprofilerate")
				      : STR("runtime.mutexprofilerate");
	struct capture_change change;

	if (!capture_change_begin(target, variable, rate_of(target, kind, options), notes,
				  &change, err))
		return false;
	capture_change_wait(target,
			    options->seconds > 0 ? options->seconds : default_seconds);
	return capture_change_end(&change, notes, err);
}

static bool read_as_asked(struct capture_target *target, enum blockprofile_kind kind,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct blockprofile *out,
			  struct error *err)
{
	bool is_enabled = options->sampled.is_enabled, is_done;
	struct blockprofile before;

	if (!is_enabled && options->seconds <= 0)
		return blockprofile_read(target->go, kind, out, err);
	if (!blockprofile_read(target->go, kind, &before, err))
		return false;
	if (is_enabled)
		is_done = wait_enabled(target, kind, options, notes, err);
	else
		is_done = capture_change_wait(target, options->seconds) >= 0;
	is_done = is_done && blockprofile_read(target->go, kind, out, err);
	if (is_done)
		blockprofile_subtract(out, &before);
	blockprofile_deinit(&before);
	return is_done;
}

static bool read_profile(struct capture_target *target, enum blockprofile_kind kind,
			 const struct capture_options *options,
			 struct capture_notes *notes, struct blockprofile *out,
			 struct error *err)
{
	bool is_block = kind == BLOCKPROFILE_BLOCK;

	if (!read_as_asked(target, kind, options, notes, out, err))
		return error_wrap(err, "process %d", target->pid);
	if (out->rate == 0 && out->count == 0)
		capture_notes_add(notes,
				  "the program has sampled no %s (it did not call "
				  "runtime.%s): --enable switches it on",
				  is_block ? "waiting" : "contention",
				  is_block ? "SetBlockProfileRate"
					   : "SetMutexProfileFraction");
	return true;
}

static bool take_profile(struct capture_target *target, enum blockprofile_kind kind,
			 const struct capture_options *options,
			 struct capture_notes *notes, struct profile **out,
			 struct error *err)
{
	struct blockprofile profile;

	if (!read_profile(target, kind, options, notes, &profile, err))
		return false;
	*out = blockprofile_create(target->go, &profile);
	blockprofile_deinit(&profile);
	return true;
}

static bool take_text(struct capture_target *target, enum blockprofile_kind kind,
		      const struct capture_options *options, struct capture_notes *notes,
		      const struct capture_text_request *request, struct error *err)
{
	struct blockprofile profile;

	if (request->text != CAPTURE_DEBUG_1)
		return error_set(err, ERROR_USAGE,
				 "it has --debug=1 only: for JSON of its report, -json");
	if (!read_profile(target, kind, options, notes, &profile, err))
		return false;
	blockprofile_write_text(target->go, &profile, request->w);
	blockprofile_deinit(&profile);
	return true;
}

bool capture_block_profile(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes, struct profile **out,
			   struct error *err)
{
	return take_profile(target, BLOCKPROFILE_BLOCK, options, notes, out, err);
}

bool capture_mutex_profile(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes, struct profile **out,
			   struct error *err)
{
	return take_profile(target, BLOCKPROFILE_MUTEX, options, notes, out, err);
}

bool capture_block_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err)
{
	return take_text(target, BLOCKPROFILE_BLOCK, options, notes, request, err);
}

bool capture_mutex_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err)
{
	return take_text(target, BLOCKPROFILE_MUTEX, options, notes, request, err);
}
