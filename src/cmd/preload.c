// Finds the library beside this program.
#include "cmd/preload.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/str.h"
#include "base/writer.h"

// The library is beside the binary where it was built, in ../lib where it is installed.
static bool find_library(char path[PATH_MAX], struct error *err)
{
	static const char *const places[] = { "libgoprof.so", "../lib/libgoprof.so" };
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct str folder = { self, length < 0 ? 0 : (size_t)length };

	folder = str_slice(folder, 0, folder.n - str_basename(folder).n);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, PATH_MAX, "%.*s%s", (int)folder.n, folder.p, places[i]);
		if (access(path, R_OK) == 0)
			return true;
	}
	return error_set(err, ERROR_NOT_FOUND,
			 "%.*slibgoprof.so: not there, nor in ../lib: build or install "
			 "goprof with its library",
			 (int)folder.n, folder.p);
}

// Our library stands before others that the user preloads: what they define is then what
// it passes calls on to.
bool preload_set(const char *settings, struct error *err)
{
	char library[PATH_MAX];
	const char *others = getenv("LD_PRELOAD");
	struct writer preload = writer_to_memory();

	if (!find_library(library, err))
		return false;
	writer_text(&preload, library);
	if (others != NULL && others[0] != '\0')
		writer_format(&preload, ":%s", others);
	writer_char(&preload, '\0');
	setenv("GOPROF", settings, 1);
	setenv("LD_PRELOAD", writer_contents(&preload).p, 1);
	writer_deinit(&preload);
	return true;
}
