// Starts viewers and browsers as pprof does: $BROWSER, then the usual names.
#include "cmd/viewer.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

extern char **environ;

enum { WORDS_MAX = 16, COMMAND_MAX = 1024 };

bool viewer_file_create(struct viewer_file *file, const char *suffix, struct error *err)
{
	const char *folder = getenv("TMPDIR");

	if (folder == NULL || *folder == '\0')
		folder = "/tmp";
	snprintf(file->path, sizeof(file->path), "%s/goprof-XXXXXX.%s", folder, suffix);
	file->fd = mkostemps(file->path, (int)strlen(suffix) + 1, O_CLOEXEC);
	return file->fd >= 0 ||
	       error_set_errno(err, errno,
			       "cannot create a file in %s; name one by -output", folder);
}

void viewer_file_discard(struct viewer_file *file)
{
	close(file->fd);
	unlink(file->path);
}

// In a session of its own, which a Ctrl-C in our terminal does not end, and without a
// place for its talk.
static bool spawn(char **argv)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;
	int failed;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return false;
	}
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY,
					 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
					 0);
	failed = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failed == 0;
}

// A command may hold arguments, separated by blanks.
static bool start(const char *command, const char *path)
{
	char words[COMMAND_MAX], *argv[WORDS_MAX + 2] = { 0 }, *rest;
	size_t count = 0;

	if (snprintf(words, sizeof(words), "%s", command) >= (int)sizeof(words))
		return false;
	for (char *word = strtok_r(words, " ", &rest); word != NULL && count < WORDS_MAX;
	     word = strtok_r(NULL, " ", &rest))
		argv[count++] = word;
	if (count == 0)
		return false;
	argv[count] = (char *)path;
	return spawn(argv);
}

static bool start_browser(const char *path)
{
	static const char *const names[] = { "chrome",  "google-chrome",    "chromium",
					     "firefox", "sensible-browser", "xdg-open" };
	const char *chosen = getenv("BROWSER");

	if (chosen != NULL && start(chosen, path))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (start(names[i], path))
			return true;
	}
	return false;
}

static bool show_in_browser(const char *where)
{
	bool is_started = start_browser(where);

	if (!is_started)
		log_warn("no browser found; open %s in one, or name one in $BROWSER",
			 where);
	return is_started;
}

bool viewer_file_show(struct viewer_file *file, const char *viewer, struct error *err)
{
	int name_length = (int)strcspn(viewer, " ");

	close(file->fd);
	if (name_length == 0) {
		if (show_in_browser(file->path))
			log_info("the page is %s", file->path);
		return true;
	}
	if (!start(viewer, file->path))
		return error_set(err, ERROR_NOT_FOUND,
				 "%.*s is not installed; try apt-get install %.*s, or "
				 "open %s in another viewer",
				 name_length, viewer, name_length, viewer, file->path);
	log_info("%.*s shows %s", name_length, viewer, file->path);
	return true;
}

void viewer_show_url(const char *url)
{
	show_in_browser(url);
}
