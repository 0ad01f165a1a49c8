// Reads the profile as it stands; both kinds differ in nothing but its name.
#include "source/capture_block.h"

#include "base/error.h"
#include "golang/blockprofile.h"
#include "source/capture.h"

static bool read_profile(struct capture_target *target, enum blockprofile_kind kind,
			 struct capture_notes *notes, struct blockprofile *out,
			 struct error *err)
{
	bool is_block = kind == BLOCKPROFILE_BLOCK;

	if (!blockprofile_read(target->go, kind, out, err))
		return error_wrap(err, "process %d", target->pid);
	if (out->rate == 0 && out->count == 0)
		capture_notes_add(notes,
				  "the program has sampled no %s (it did not call "
				  "runtime.%s)",
				  is_block ? "waiting" : "contention",
				  is_block ? "SetBlockProfileRate"
					   : "SetMutexProfileFraction");
	return true;
}

static bool take_profile(struct capture_target *target, enum blockprofile_kind kind,
			 struct capture_notes *notes, struct profile **out,
			 struct error *err)
{
	struct blockprofile profile;

	if (!read_profile(target, kind, notes, &profile, err))
		return false;
	*out = blockprofile_create(target->go, &profile);
	blockprofile_deinit(&profile);
	return true;
}

static bool take_text(struct capture_target *target, enum blockprofile_kind kind,
		      struct capture_notes *notes,
		      const struct capture_text_request *request, struct error *err)
{
	struct blockprofile profile;

	if (request->text != CAPTURE_DEBUG_1)
		return error_set(err, ERROR_USAGE,
				 "it has --debug=1 only: for JSON of its report, -json");
	if (!read_profile(target, kind, notes, &profile, err))
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
	(void)options;
	return take_profile(target, BLOCKPROFILE_BLOCK, notes, out, err);
}

bool capture_mutex_profile(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes, struct profile **out,
			   struct error *err)
{
	(void)options;
	return take_profile(target, BLOCKPROFILE_MUTEX, notes, out, err);
}

bool capture_block_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err)
{
	(void)options;
	return take_text(target, BLOCKPROFILE_BLOCK, notes, request, err);
}

bool capture_mutex_text(struct capture_target *target,
			const struct capture_options *options,
			struct capture_notes *notes,
			const struct capture_text_request *request, struct error *err)
{
	(void)options;
	return take_text(target, BLOCKPROFILE_MUTEX, notes, request, err);
}
