// Reads the profile as it stands and says what it can not know.
#include "source/capture_heap.h"

#include "base/error.h"
#include "golang/heap_profile.h"
#include "golang/memprofile.h"
#include "golang/memstats.h"
#include "golang/process.h"
#include "source/capture.h"
#include "target/process.h"

static void note_gaps(const struct memprofile *profile, struct capture_notes *notes)
{
	if (!profile->is_settled)
		capture_notes_add(notes, "collections kept moving the profile while it "
					 "was read: a few records may be off");
	if (profile->rate != 0 || profile->count > 0)
		return;
	if (profile->is_disabled)
		capture_notes_add(notes,
				  "the program never asks for its memory profile, so "
				  "Go's linker switched it off: there is nothing in it");
	else
		capture_notes_add(notes, "the program samples no memory "
					 "(runtime.MemProfileRate is 0)");
}

static bool read_profile(struct capture_target *target,
			 const struct capture_options *options,
			 struct capture_notes *notes, struct memprofile *out,
			 struct error *err)
{
	enum memprofile_moment moment =
		options->heap.is_live ? MEMPROFILE_LIVE : MEMPROFILE_PUBLISHED;

	if (!memprofile_read(target->go, moment, out, err))
		return error_wrap(err, "process %d", target->pid);
	note_gaps(out, notes);
	return true;
}

static bool take(struct capture_target *target, const struct capture_options *options,
		 struct capture_notes *notes, enum heap_profile_view view,
		 struct profile **out, struct error *err)
{
	struct memprofile profile;

	if (!read_profile(target, options, notes, &profile, err))
		return false;
	*out = heap_profile_create(target->go, &profile, view);
	memprofile_deinit(&profile);
	return true;
}

bool capture_heap_profile(struct capture_target *target,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct profile **out,
			  struct error *err)
{
	return take(target, options, notes, HEAP_PROFILE_INUSE, out, err);
}

bool capture_allocs_profile(struct capture_target *target,
			    const struct capture_options *options,
			    struct capture_notes *notes, struct profile **out,
			    struct error *err)
{
	return take(target, options, notes, HEAP_PROFILE_ALLOC, out, err);
}

bool capture_heap_text(struct capture_target *target,
		       const struct capture_options *options, struct capture_notes *notes,
		       const struct capture_text_request *request, struct error *err)
{
	struct memprofile profile;
	struct memstats stats;

	if (request->text != CAPTURE_DEBUG_1)
		return error_set(
			err, ERROR_USAGE,
			"heap has --debug=1 only: for JSON of its report, -json");
	// As Go does it: numbers first.
	if (!memstats_read(target->go, &stats, err))
		return error_wrap(err, "process %d", target->pid);
	if (!read_profile(target, options, notes, &profile, err))
		return false;
	heap_profile_write_text(target->go, &profile, &stats,
				process_max_rss(target->pid), request->w);
	memprofile_deinit(&profile);
	return true;
}
