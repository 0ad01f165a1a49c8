// Paths without any word of the environment: whoever looks cannot see it.
#include "profile/recording_socket.h"

#include <stdio.h>
#include <sys/stat.h>

void recording_socket_folder(unsigned place, unsigned uid,
			     char out[RECORDING_SOCKET_PATH])
{
	if (place == 0)
		snprintf(out, RECORDING_SOCKET_PATH, "/run/user/%u/goprof", uid);
	else
		snprintf(out, RECORDING_SOCKET_PATH, "/tmp/goprof-%u", uid);
}

void recording_socket_path(unsigned place, unsigned uid, int pid,
			   char out[RECORDING_SOCKET_PATH])
{
	char folder[RECORDING_SOCKET_PATH];

	recording_socket_folder(place, uid, folder);
	snprintf(out, RECORDING_SOCKET_PATH, "%.64s/%d.sock", folder, pid);
}

bool recording_socket_is_private(const char *folder, unsigned uid)
{
	struct stat status;

	return lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) &&
	       status.st_uid == uid && (status.st_mode & 077) == 0;
}
