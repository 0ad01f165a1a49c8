// The names at the end of Java's profiles, whose addresses are but their numbers.
#pragma once

struct legacy;
struct profile;

// Reads the remaining lines, "0x1f function (file:line)", and gives the profile away.
// Locations lose their addresses, so that profiles of several processes merge.
void java_names_finish(struct legacy *legacy, struct profile **out);
