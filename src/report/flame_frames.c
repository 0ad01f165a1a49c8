// Names the lines of every location once, so that stacks become lists of numbers.
#include "report/flame_frames.h"

#include <inttypes.h>
#include <stdlib.h>

#include "profile/profile.h"
#include "report/options.h"

struct place {
	const struct profile_location *location;
	const struct profile_line *line; // NULL: none known
	const struct profile_function *function;
	bool is_inlined;
};

static bool is_kernel(struct str module, uint64_t address)
{
	// The upper half of the address space is the kernel's, its modules' included.
	return address >> 63 != 0 || str_starts_with(module, STR("[kernel")) ||
	       str_starts_with(module, STR("[guest.kernel"));
}

static struct str unnamed(struct arena *arena, const struct place *place,
			  struct str module, enum report_granularity granularity)
{
	struct str base = str_basename(module);

	if (granularity == GRANULARITY_ADDRESSES && place->location->address != 0)
		return str_format(arena, "%016" PRIx64 " [%.*s]",
				  place->location->address, (int)base.n, base.p);
	if (base.n == 0)
		return STR("<unknown>");
	return base.p[0] == '[' ? base : str_format(arena, "[%.*s]", (int)base.n, base.p);
}

static struct str named(struct arena *arena, const struct place *place, struct str name,
			struct str file, enum report_granularity granularity)
{
	switch (granularity) {
	case GRANULARITY_DEFAULT:
	case GRANULARITY_FUNCTIONS:
		break;
	case GRANULARITY_FILEFUNCTIONS:
		return file.n == 0 ? name
				   : str_format(arena, "%.*s %.*s", (int)name.n, name.p,
						(int)file.n, file.p);
	case GRANULARITY_FILES:
		return file.n == 0 ? STR("<unknown>") : file;
	case GRANULARITY_LINES:
		return str_format(arena, "%.*s %.*s:%" PRId64, (int)name.n, name.p,
				  (int)file.n, file.p, place->line->line);
	case GRANULARITY_ADDRESSES:
		return str_format(arena, "%016" PRIx64 " %.*s %.*s:%" PRId64,
				  place->location->address, (int)name.n, name.p,
				  (int)file.n, file.p, place->line->line);
	}
	return name;
}

static void note_lines(struct flame_frame *frame, int64_t line)
{
	if (line <= 0)
		return;
	if (frame->first_line == 0 || line < frame->first_line)
		frame->first_line = line;
	if (line > frame->last_line)
		frame->last_line = line;
}

static uint32_t add_frame(struct flame_frames *frames, struct flame *flame,
			  struct flame_frame seen)
{
	uint32_t row = interner_add(&frames->names, &flame->arena, seen.name);

	flame->frames = table_reserve(flame->frames, &flame->frame_capacity,
				      (size_t)row + 1, sizeof(*flame->frames));
	if (row == flame->frame_count) {
		seen.name = frames->names.strings[row];
		flame->frames[row] = seen;
		flame->frame_count++;
	}
	return row;
}

static uint32_t frame_of(struct flame_frames *frames, struct flame *flame,
			 const struct place *place, enum report_granularity granularity)
{
	const struct profile *profile = flame->profile;
	struct flame_frame frame = { .name = STR("") };
	uint32_t mapping = place->location->mapping, row;

	if (mapping != PROFILE_NONE)
		frame.module = profile_string(profile, profile->mappings[mapping].file);
	if (is_kernel(frame.module, place->location->address))
		frame.kind = FLAME_KERNEL;
	if (place->function != NULL) {
		frame.name = profile_string(profile, place->function->name);
		frame.file = profile_string(profile, place->function->filename);
	}
	if (frame.name.n == 0) {
		frame.name = unnamed(&flame->arena, place, frame.module, granularity);
		frame.kind = FLAME_UNNAMED;
	} else {
		frame.name =
			named(&flame->arena, place, frame.name, frame.file, granularity);
	}
	row = add_frame(frames, flame, frame);
	if (place->line != NULL)
		note_lines(&flame->frames[row], place->line->line);
	return row << 1 | place->is_inlined;
}

// Lines stand innermost first; frames are wanted from the root.
static uint32_t add_location(struct flame_frames *frames, struct flame *flame,
			     const struct profile_location *location, uint32_t at,
			     const struct report_options *options)
{
	const struct profile *profile = flame->profile;
	uint32_t count = options->no_inlines && location->line_count > 1
				 ? 1
				 : location->line_count;

	if (count == 0) {
		struct place place = { .location = location };

		frames->list[at] = frame_of(frames, flame, &place, options->granularity);
		return 1;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct profile_line *line =
			&profile->lines[location->first_line + location->line_count - 1 -
					i];
		struct place place = { .location = location,
				       .line = line,
				       .is_inlined = i > 0 };

		if (line->function != PROFILE_NONE)
			place.function = &profile->functions[line->function];
		frames->list[at + i] =
			frame_of(frames, flame, &place, options->granularity);
	}
	return count;
}

void flame_frames_init(struct flame_frames *frames, struct flame *flame,
		       const struct report_options *options)
{
	const struct profile *profile = flame->profile;
	size_t list_capacity = 0, first_capacity = 0;
	uint32_t at = 0;

	*frames = (struct flame_frames){ 0 };
	frames->first = table_reserve(NULL, &first_capacity, profile->location_count + 1,
				      sizeof(*frames->first));
	frames->list = table_reserve(NULL, &list_capacity,
				     profile->line_count + profile->location_count + 1,
				     sizeof(*frames->list));
	for (size_t i = 0; i < profile->location_count; i++) {
		frames->first[i] = at;
		at += add_location(frames, flame, &profile->locations[i], at, options);
	}
	frames->first[profile->location_count] = at;
}

void flame_frames_deinit(struct flame_frames *frames)
{
	free(frames->first);
	free(frames->list);
	interner_deinit(&frames->names);
}
