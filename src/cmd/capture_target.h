// The source of a capture, as the command line names it: a process or a core file.
#pragma once

#include <stdbool.h>

struct capture_target;
struct error;
struct go_process;

// Says on stderr where offsets come from that no release was ever seen to have.
void capture_target_tell_layout(const struct go_process *process);

// Opens it for whatever is to be read. `binary` is the program of a core file or NULL.
bool capture_target_open(const char *source, const char *binary,
			 struct capture_target *out, struct error *err)
	__attribute__((warn_unused_result));
