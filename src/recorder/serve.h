// The endpoints of net/http/pprof in the process, on a thread of the recorder's own.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;

// Listens at an address as http/listen.h has them, and starts the thread, which blocks
// all signals and has descriptors of its own. Fails when it listens already.
bool serve_start(struct str address, struct error *err)
	__attribute__((warn_unused_result));

// Says on stderr where it listens.
void serve_tell(void);

// Starts another one at the socket of the process's owner (profile/recording_socket.h),
// by which goprof finds the process; unless it is there or switched off. Fails silently.
void serve_offer(void);

// The process ends: removes sockets.
void serve_finish(void);

// A forked child has no such threads: what the parent was told to serve stays with it; at
// the owner's socket each has its own. After state_begin_child.
void serve_reset_child(void);
