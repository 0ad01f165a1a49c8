// Where the socket of a recorded process is: the one rule that libgoprof, which listens
// there, and goprof, which looks there, go by.
#pragma once

#include <stdbool.h>

enum {
	RECORDING_SOCKET_PLACES = 2,
	RECORDING_SOCKET_PATH = 96, // with its NUL
};

// The folder of a user's sockets at place 0, 1, ...: /run/user/UID/goprof, where that is
// the user's, and /tmp/goprof-UID. It must be a folder of that user alone: whoever trusts
// it checks that by recording_socket_is_private.
void recording_socket_folder(unsigned place, unsigned uid,
			     char out[RECORDING_SOCKET_PATH]);

// The socket of a process in there, by the id that it knows itself by.
void recording_socket_path(unsigned place, unsigned uid, int pid,
			   char out[RECORDING_SOCKET_PATH]);

// Whether it is a folder, no link to one, and nobody but the user may enter it.
bool recording_socket_is_private(const char *folder, unsigned uid);
