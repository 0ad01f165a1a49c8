// Profiles in files: the format is known by its first bytes.
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/source.h"

bool source_read_file(const char *path, struct profile **out, struct error *err)
{
	bool is_stdin = path[0] == '-' && path[1] == '\0';
	struct file_view view;
	bool is_read = is_stdin ? file_view_from_fd(STDIN_FILENO, "stdin", &view, err)
				: file_view_open(path, &view, err);

	if (!is_read)
		return false;
	is_read = proto_decode((struct str){ (const char *)view.bytes, view.size }, out,
			       err);
	file_view_close(&view);
	return is_read || error_wrap(err, "%s", path);
}
