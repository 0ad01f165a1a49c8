// Reads the profile as it stands and says what it can not know.
#include "source/capture_heap.h"

#include "base/error.h"
#include "golang/heap_profile.h"
#include "golang/memprofile.h"
#include "golang/memstats.h"
#include "golang/process.h"
#include "source/capture.h"
#include "source/capture_change.h"
#include "target/process.h"

static bool has_samples(const struct memprofile *profile)
{
	for (size_t i = 0; i < profile->count; i++)
		if (profile->records[i].allocs > 0)
			return true;
	return false;
}

static void note_gaps(const struct memprofile *profile, struct capture_notes *notes)
{
	if (!profile->is_settled)
		capture_notes_add(notes, "collections kept moving the profile while it "
					 "was read: a few records may be off");
	if (profile->rate != 0 || (!profile->is_disabled && has_samples(profile)))
		return;
	if (profile->is_disabled)
		capture_notes_add(notes,
				  "the program never asks for its memory profile, so "
				  "Go's linker switched it off: --enable switches it on");
	else
		capture_notes_add(notes,
				  "the program samples no memory "
				  "(runtime.MemProfileRate is 0): --enable switches "
				  "it on");
}

// One in so many bytes, Go's own default.
static const uint64_t default_rate = 512 << 10;
static const double default_seconds = 10;

static bool read_now(struct capture_target *target, const struct capture_options *options,
		     struct memprofile *out, struct error *err)
{
	// What is sampled for a while is of use at once, not after two collections.
	bool is_live = options->sampled.is_live || options->sampled.is_enabled;

	return memprofile_read(
		target->go, is_live ? MEMPROFILE_LIVE : MEMPROFILE_PUBLISHED, out, err);
}

static bool read_enabled(struct capture_target *target,
			 const struct capture_options *options,
			 struct capture_notes *notes, struct memprofile *out,
			 struct error *err)
{
	uint64_t rate = options->sampled.rate > 0 ? options->sampled.rate : default_rate;
	struct capture_change change;

	if (!capture_change_begin(target, STR("runtime.MemProfileRate"), rate, notes,
				  &change, err))
		return false;
	capture_change_wait(target,
			    options->seconds > 0 ? options->seconds : default_seconds);
	if (!capture_change_end(&change, notes, err) ||
	    !read_now(target, options, out, err))
		return false;
	out->rate = (int64_t)rate;
	return true;
}

static bool read_delta(struct capture_target *target,
		       const struct capture_options *options, struct memprofile *out,
		       struct error *err)
{
	struct memprofile before;
	bool is_read;

	if (!read_now(target, options, &before, err))
		return false;
	capture_change_wait(target, options->seconds);
	is_read = read_now(target, options, out, err);
	if (is_read)
		memprofile_subtract(out, &before);
	memprofile_deinit(&before);
	return is_read;
}

static bool read_as_asked(struct capture_target *target,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct memprofile *out,
			  struct error *err)
{
	if (options->sampled.collects && !capture_change_collect(target, notes, err))
		return false;
	if (options->sampled.is_enabled)
		return read_enabled(target, options, notes, out, err);
	if (options->seconds > 0)
		return read_delta(target, options, out, err);
	return read_now(target, options, out, err);
}

static bool read_profile(struct capture_target *target,
			 const struct capture_options *options,
			 struct capture_notes *notes, struct memprofile *out,
			 struct error *err)
{
	if (!read_as_asked(target, options, notes, out, err))
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
	// The process may have gone long ago, and another have its number.
	uint64_t max_rss =
		target->class == CAPTURE_GO_CORE ? 0 : process_max_rss(target->pid);
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
	heap_profile_write_text(target->go, &profile, &stats, max_rss, request->w);
	memprofile_deinit(&profile);
	return true;
}
