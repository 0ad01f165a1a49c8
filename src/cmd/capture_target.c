// Decides what the source is, and opens it.
#include "cmd/capture_target.h"

#include "base/error.h"
#include "source/capture.h"
#include "source/source.h"
#include "target/core_memory.h"

bool capture_target_open(const char *source, const char *binary,
			 struct capture_target *out, struct error *err)
{
	struct source_spec spec;

	if (!source_parse(source, &spec, err))
		return false;
	if (spec.kind == SOURCE_FILE && core_memory_is_core(source))
		return capture_open_core(source, binary, out, err);
	if (binary != NULL)
		return error_set(err, ERROR_USAGE,
				 "%s: a second word names the binary of a core file, and "
				 "%s is none",
				 binary, source);
	if (spec.kind == SOURCE_FILE)
		return error_set(err, ERROR_USAGE,
				 "%s: is a file but no core file: to report a profile, "
				 "goprof %s",
				 source, source);
	return capture_open(spec.pid, out, err);
}
