// The socket by which goprof finds a recorded process, for the process's owner alone.
#pragma once

#include <stdbool.h>

#include "profile/recording_socket.h"

struct error;
struct http_listener;

// Listens at this process's place, and removes what processes left there that are gone.
bool owner_socket_listen(struct http_listener *out, struct error *err)
	__attribute__((warn_unused_result));
