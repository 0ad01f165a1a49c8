// Heap dumps that libgoprof in a process writes of it, asked for at its owner's socket.
#pragma once

#include <stdbool.h>

struct capture_target;
struct error;

// The target is of CAPTURE_RECORDED. `path` appears complete or not at all; dumps of up
// to FETCH_LIMIT bytes.
bool recorded_dump_take(const struct capture_target *target, bool without_contents,
			const char *path, struct error *err)
	__attribute__((warn_unused_result));
