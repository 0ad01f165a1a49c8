// Names and writes the copies of fetched profiles.
#include "source/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "profile/proto.h"

enum { LAST_NUMBER = 9999, LONGEST_PREFIX = 200 };

// With the folders above it. False leaves errno.
static bool make_folder(struct arena *arena, struct str path)
{
	char *text = str_terminated(arena, path);
	struct stat status;

	for (size_t i = 1; i < path.n; i++) {
		if (text[i] != '/')
			continue;
		text[i] = '\0';
		(void)mkdir(text, 0755);
		text[i] = '/';
	}
	if (mkdir(text, 0755) != 0 && errno != EEXIST)
		return false;
	if (stat(text, &status) == 0 && S_ISDIR(status.st_mode))
		return access(text, W_OK) == 0;
	errno = ENOTDIR;
	return false;
}

static bool choose_folder(struct arena *arena, struct str *out, struct error *err)
{
	const char *own = getenv("PPROF_TMPDIR"), *home = getenv("HOME");
	const char *system = getenv("TMPDIR");
	struct str folders[3];
	size_t count = 0;

	if (own != NULL && *own != '\0')
		folders[count++] = str_from(own);
	if (home != NULL && *home != '\0')
		folders[count++] = str_format(arena, "%s/pprof", home);
	folders[count++] =
		system != NULL && *system != '\0' ? str_from(system) : STR("/tmp");
	for (size_t i = 0; i < count; i++) {
		if (make_folder(arena, folders[i])) {
			*out = folders[i];
			return true;
		}
		error_set_errno(err, errno, "cannot write to %.*s: set PPROF_TMPDIR",
				(int)folders[i].n, folders[i].p);
	}
	return false;
}

// Names from the profile stay within the folder.
static void add_part(struct writer *w, struct str part)
{
	for (size_t i = 0; i < part.n && w->used < LONGEST_PREFIX; i++) {
		bool is_plain = (unsigned char)part.p[i] >= ' ' && part.p[i] != '/' &&
				part.p[i] != 0x7f;

		writer_char(w, is_plain ? part.p[i] : '_');
	}
	writer_char(w, '.');
}

static struct str choose_prefix(const struct profile *profile, struct arena *arena)
{
	struct writer w = writer_to_memory();
	struct str prefix;

	writer_text(&w, "pprof.");
	if (profile->mapping_count > 0 && profile->mappings[0].file != 0)
		add_part(&w, str_basename(
				     profile_string(profile, profile->mappings[0].file)));
	for (size_t i = 0; i < profile->type_count; i++)
		add_part(&w, profile_string(profile, profile->types[i].type));
	prefix = str_copy(arena, writer_contents(&w));
	writer_deinit(&w);
	return prefix;
}

// A file that did not exist before. -1 leaves errno.
static int create_next(struct str folder, struct str prefix, struct arena *arena,
		       struct str *path)
{
	for (int number = 1; number <= LAST_NUMBER; number++) {
		struct str name = str_format(arena, "%.*s/%.*s%03d.pb.gz", (int)folder.n,
					     folder.p, (int)prefix.n, prefix.p, number);
		int fd = open(name.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

		if (fd >= 0 || errno != EEXIST) {
			*path = name;
			return fd;
		}
	}
	errno = EEXIST;
	return -1;
}

bool saved_write(const struct profile *profile, struct arena *arena, struct str *path,
		 struct error *err)
{
	struct str folder, name;
	struct writer w;
	bool is_written;

	if (!choose_folder(arena, &folder, err))
		return false;

	CLEANUP_FD int fd =
		create_next(folder, choose_prefix(profile, arena), arena, &name);

	if (fd < 0)
		return error_set_errno(err, errno, "cannot create %s: set PPROF_TMPDIR",
				       name.p);
	w = writer_to_fd(fd);
	proto_encode_gzip(profile, &w);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	if (!is_written) {
		unlink(name.p);
		return error_wrap(err, "%s", name.p);
	}
	*path = name;
	return true;
}
