// Runs the report of one command on a copy of the profile.
#pragma once

struct profile;
struct report_request;

// The report filters the profile in place, so it runs in a child: the kernel copies only
// the pages that filters write to, and Ctrl-C ends the report but not the shell. Returns
// when it is done; what went wrong has been said on stderr.
void shell_report_run(struct profile *profile, const struct report_request *request);
