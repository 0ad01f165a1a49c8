// Makes the folder, sweeps it, listens in it.
#include "recorder/owner_socket.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/str.h"
#include "http/listen.h"
#include "recorder/directory.h"

// Entries that one process looks at: where thousands are recorded, each sweeps a few.
enum { SWEPT_MAX = 256 };

struct sweep {
	const char *folder;
	unsigned looked_at;
};

// A live process in another pid namespace may be unknown here: http_listen, which takes
// an abandoned socket over, is asked as well.
static void sweep_one(void *context, const char *name)
{
	struct sweep *sweep = context;
	struct str word = str_from(name);
	char path[RECORDING_SOCKET_PATH];
	struct http_listener listener;
	struct error err;
	uint64_t pid;

	if (sweep->looked_at++ >= SWEPT_MAX || !str_ends_with(word, STR(".sock")) ||
	    !str_to_u64(str_slice(word, 0, word.n - 5), 10, &pid) || pid == 0 ||
	    pid > INT32_MAX || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
		return;
	snprintf(path, sizeof(path), "%.64s/%.24s", sweep->folder, name);
	if (http_listen(path, &listener, &err))
		http_listener_close(&listener);
}

// What is above the folder must not be anybody's to change: /run/user/UID is its user's,
// and /tmp has the sticky bit.
static bool is_place(unsigned place, unsigned uid)
{
	char above[RECORDING_SOCKET_PATH];
	struct stat status;

	snprintf(above, sizeof(above), "/run/user/%u", uid);
	return place != 0 || (lstat(above, &status) == 0 && S_ISDIR(status.st_mode) &&
			      status.st_uid == uid && (status.st_mode & 022) == 0);
}

static bool make_folder(unsigned place, unsigned uid, char folder[RECORDING_SOCKET_PATH])
{
	if (!is_place(place, uid))
		return false;
	recording_socket_folder(place, uid, folder);
	return (mkdir(folder, 0700) == 0 || errno == EEXIST) &&
	       recording_socket_is_private(folder, uid);
}

bool owner_socket_listen(struct http_listener *out, struct error *err)
{
	unsigned uid = geteuid();

	for (unsigned place = 0; place < RECORDING_SOCKET_PLACES; place++) {
		char folder[RECORDING_SOCKET_PATH], path[RECORDING_SOCKET_PATH];
		struct sweep sweep = { .folder = folder };

		if (!make_folder(place, uid, folder))
			continue;
		recording_socket_path(place, uid, getpid(), path);
		if (!http_listen(path, out, err))
			continue;
		directory_list(folder, sweep_one, &sweep);
		return true;
	}
	return error_set(err, ERROR_PERMISSION, "no place for a socket");
}
