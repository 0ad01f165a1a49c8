// The release of Go that built a program, from the words of its runtime.buildVersion.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// "go1.26.7" is { 26, 7 }. A patch of GO_PATCH_ANY stands for every later one.
enum { GO_PATCH_ANY = 255 };

struct go_version {
	uint8_t minor, patch;
	bool is_prerelease;  // beta, release candidate or built from the repository
	bool has_experiment; // a GOEXPERIMENT that may change the runtime's structures
};

// Reads what `go version` prints of a program: "go1.24.6", "go1.27rc1",
// "go1.26.7 X:nogreenteagc", "go1.22.7 (Red Hat 1.22.7-1)". False for anything else.
bool go_version_parse(struct str text, struct go_version *out);

// Negative, zero or positive as a is older than, equal to or newer than b, by number
// alone.
int go_version_compare(struct go_version a, struct go_version b);

// Whether the release is go1.minor.patch or newer.
static inline bool go_version_at_least(struct go_version version, unsigned minor,
				       unsigned patch)
{
	return version.minor > minor ||
	       (version.minor == minor && version.patch >= patch);
}
