// Prints comments.
#include "report/comments.h"

#include "base/writer.h"
#include "profile/profile.h"
#include "report/report.h"

bool comments_render(struct report *report, struct writer *w, struct error *err)
{
	const struct profile *profile = report->profile;

	(void)err;
	for (size_t i = 0; i < profile->comment_count; i++) {
		writer_str(w, profile_string(profile, profile->comments[i]));
		writer_char(w, '\n');
	}
	return true;
}
