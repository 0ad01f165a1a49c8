// Computes a requested report and puts it where it was asked for.
#include "cmd/report_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/viewer.h"
#include "profile/profile.h"
#include "report/format.h"
#include "report/report.h"

void report_request_deinit(struct report_request *request)
{
	free(request->sources);
	free(request->bases);
	free(request->fetch.headers);
	*request = (struct report_request){ 0 };
}

// Says why nothing is shown and what to try.
static void explain_empty(const struct profile *profile,
			  const struct report_options *options)
{
	bool is_filtered = options->focus.n + options->ignore.n + options->hide.n +
				   options->show.n + options->show_from.n +
				   options->tag_focus.n + options->tag_ignore.n >
			   0;

	if (is_filtered)
		log_warn("no sample is left by the filters; try fewer of them");
	else if (profile->sample_count == 0)
		log_warn("the profile holds no samples: the program was idle, or it was "
			 "recorded for too short a time; record longer or at a higher "
			 "rate");
	else
		log_warn("all values of this kind are 0; try another -sample_index");
}

void report_request_tell_names(const struct report *report)
{
	const struct report_quality *quality = &report->quality;

	if (quality->unnamed > 0 && !report->profile->quality.is_known)
		log_warn("%" PRIu64 " of %" PRIu64
			 " addresses have no name; `goprof modules` says why",
			 quality->unnamed, quality->addresses);
}

static void tell(const struct report *report)
{
	for (size_t i = 0; i < report->warning_count; i++)
		log_warn("%.*s", (int)report->warnings[i].n, report->warnings[i].p);
	if (report->total == 0 || report->profile->sample_count == 0)
		explain_empty(report->profile, &report->options);
}

static bool render(struct report *report, int fd, struct error *err)
{
	struct writer w = writer_to_fd(fd);
	bool is_done = report->format->render(report, &w, err);

	if (is_done)
		is_done = writer_finish(&w, err);
	writer_deinit(&w);
	return is_done;
}

static bool render_to_file(struct report *report, const char *path, struct error *err)
{
	struct file_output out;

	if (!file_output_open(&out, path, err))
		return false;
	if (!render(report, out.fd, err)) {
		file_output_discard(&out);
		return error_wrap(err, "%s", path);
	}
	return file_output_commit(&out, err);
}

// What is no text goes to a numbered file instead of a terminal, as pprof does.
static const char *away_from_terminal(const struct report_request *request,
				      const struct report_format *format, char *name,
				      size_t size)
{
	if (format->suffix == NULL || (!request->is_in_shell && !isatty(STDOUT_FILENO)))
		return NULL;
	for (unsigned i = 1; i < 1000; i++) {
		snprintf(name, size, "profile%03u.%s", i, format->suffix);
		if (access(name, F_OK) != 0)
			break;
	}
	return name;
}

// What a viewer shows stands in a file in the temporary folder.
static bool show(struct report *report, struct error *err)
{
	struct viewer_file file;

	if (!viewer_file_create(&file, report->format->suffix, err))
		return false;
	if (!render(report, file.fd, err)) {
		viewer_file_discard(&file);
		return false;
	}
	return viewer_file_show(&file, report->format->viewer, err);
}

bool report_request_run(struct profile *profile, const struct report_request *request,
			struct error *err)
{
	const struct report_format *format = request->format;
	const char *output = request->output;
	struct report report;
	char name[64];
	bool is_done;

	if (format == NULL)
		format = report_format_find(STR("top"));
	if (output != NULL && *output == '\0')
		output = NULL;
	if (output == NULL && format->viewer == NULL)
		output = away_from_terminal(request, format, name, sizeof(name));
	if (!report_compute(profile, format, &request->options, &report, err))
		return false;
	tell(&report);
	if (!request->is_in_shell)
		report_request_tell_names(&report);
	if (output == NULL && format->viewer != NULL) {
		is_done = show(&report, err);
	} else if (output == NULL) {
		is_done = render(&report,
				 request->is_aside ? STDERR_FILENO : STDOUT_FILENO, err);
	} else {
		is_done = render_to_file(&report, output, err);
		if (is_done)
			log_info("Generating report in %s", output);
	}
	report_deinit(&report);
	return is_done;
}
