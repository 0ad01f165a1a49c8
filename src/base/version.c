// The version of this build: the only file whose flags change with each commit.
#include "base/version.h"

const char version_text[] = "goprof " GOPROF_VERSION;
const char version_agent[] = "goprof/" GOPROF_VERSION;
