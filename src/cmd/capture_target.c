// Decides what the source is, and opens it.
#include "cmd/capture_target.h"

#include "base/error.h"
#include "base/log.h"
#include "golang/process.h"
#include "source/capture.h"
#include "source/source.h"
#include "target/core_memory.h"

void capture_target_tell_layout(const struct go_process *process)
{
	struct str version = process->info.version;

	if (process->layout_origin == GO_LAYOUT_FROM_DWARF)
		log_warn("%.*s is not known to this build of goprof: where its runtime "
			 "keeps what is as the program's DWARF tells",
			 (int)version.n, version.p);
}

static bool open_target(const char *source, const char *binary,
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

bool capture_target_open(const char *source, const char *binary,
			 struct capture_target *out, struct error *err)
{
	if (!open_target(source, binary, out, err))
		return false;
	if (out->go != NULL)
		capture_target_tell_layout(out->go);
	return true;
}
