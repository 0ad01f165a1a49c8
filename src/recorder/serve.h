// The endpoints of net/http/pprof in the process, on a thread of the recorder's own.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;

// Listens at an address as http/listen.h has them, and starts the thread, which blocks
// all signals. Fails when it listens already.
bool serve_start(struct str address, struct error *err)
	__attribute__((warn_unused_result));

// A forked child has no such thread: the socket stays with the parent.
void serve_reset_child(void);
