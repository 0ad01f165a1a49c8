// The version of this build, as `git describe` names it.
#pragma once

extern const char version_text[];  // "goprof VERSION", for people
extern const char version_agent[]; // "goprof/VERSION", for servers
