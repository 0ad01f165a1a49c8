// Functions folded by name and file, locations by function and line.
#include "profile/frames.h"

void frames_init(struct frames *frames, struct profile_builder *builder)
{
	*frames = (struct frames){ .builder = builder };
}

void frames_deinit(struct frames *frames)
{
	map_deinit(&frames->functions);
	map_deinit(&frames->locations);
	*frames = (struct frames){ 0 };
}

uint32_t frames_function(struct frames *frames, struct str name, struct str file)
{
	struct profile *profile = frames->builder->profile;
	uint32_t name_id = profile_intern(profile, name);
	uint32_t file_id = profile_intern(profile, file);
	uint32_t *row = map_put(&frames->functions, (uint64_t)name_id << 32 | file_id);

	if (*row == MAP_NONE)
		*row = profile_builder_add_function(frames->builder,
						    (struct profile_function){
							    .name = name_id,
							    .system_name = name_id,
							    .filename = file_id,
						    });
	return *row;
}

uint32_t frames_location(struct frames *frames, uint32_t function, int64_t line)
{
	struct profile_line row = { .function = function };
	uint32_t *location;

	if (line > 0 && line <= UINT32_MAX)
		row.line = line;
	location = map_put(&frames->locations,
			   (uint64_t)function << 32 | (uint32_t)row.line);
	if (*location == MAP_NONE) {
		*location =
			profile_builder_add_location(frames->builder, PROFILE_NONE, 0);
		profile_builder_set_lines(frames->builder, *location, &row, 1);
	}
	return *location;
}
