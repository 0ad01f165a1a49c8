// The section of mappings at the end of the formats before profile.proto.
#pragma once

struct lines;
struct profile_builder;

// Adds a mapping for each executable one that the remaining lines tell, as /proc/PID/maps
// has them or in the brief form "START-END FILE (@OFFSET) BUILDID". "name=value" lines
// define what $name stands for; prefixes that glog adds are skipped; lines of anything
// else are ignored, and so is what exceeds LEGACY_MAPS_LIMIT.
void legacy_maps_read(struct lines *lines, struct profile_builder *builder);

enum { LEGACY_MAPS_LIMIT = 4096 };
