// The frames that profilers of old leave in their own profiles.
#pragma once

struct profile;

// Sets drop_frames and keep_frames by what the profile's values count.
void legacy_drop_frames(struct profile *profile);
