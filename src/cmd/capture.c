// Opens the source, takes the profile or the text, and puts it where it was asked for.
#include "cmd/capture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/capture_target.h"
#include "cmd/capture_words.h"
#include "cmd/pprof_load.h"
#include "cmd/record_flags.h"
#include "cmd/with_command.h"
#include "profile/profile.h"
#include "report/format.h"
#include "source/capture.h"
#include "source/capture_change.h"
#include "source/capture_url.h"
#include "source/source.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static bool write_text(const char *path, struct str text, struct error *err)
{
	return file_write(path == NULL ? "-" : path, text, err);
}

// A dump may be larger than what one likes to hold in memory, so it is written as it is
// read.
static bool take_text(const struct capture_words *words, const struct capture_row *row,
		      struct capture_target *target, struct capture_notes *notes,
		      struct error *err)
{
	struct capture_text_request request = {
		words->is_json ? CAPTURE_JSON : (enum capture_text)words->debug, NULL
	};
	struct file_output out;
	struct writer w;
	bool is_done;

	if (row->text == NULL)
		return error_set(err, ERROR_USAGE,
				 "%s has no text of its own for --debug", words->kind);
	if (!file_output_open(&out, words->output == NULL ? "-" : words->output, err))
		return false;
	w = writer_to_fd(out.fd);
	request.w = &w;
	is_done = row->text(target, &words->options, notes, &request, err) &&
		  writer_finish(&w, err);
	writer_deinit(&w);
	if (is_done)
		return file_output_commit(&out, err);
	file_output_discard(&out);
	return false;
}

static bool show(struct capture_words *words, const char *format, struct profile *profile,
		 struct error *err)
{
	struct report_request *request = &words->flags.request;

	if (request->format == NULL && words->output != NULL)
		return record_flags_write(profile, words->output, err);
	// Of leaks, none is a good answer, and has been said.
	if (request->format == NULL && profile->sample_count == 0 &&
	    strcmp(words->kind, "leaks") == 0)
		return true;
	if (request->format == NULL && format != NULL)
		request->format = report_format_find(str_from(format));
	request->output = words->output;
	return report_request_run(profile, request, err);
}

static bool report_take(struct capture_words *words, const char *format,
			struct profile *profile, struct error *err)
{
	bool is_done;

	if (!pprof_load_subtract(&words->flags.request, &profile, err))
		return false;
	is_done = show(words, format, profile, err);
	profile_destroy(profile);
	return is_done;
}

static bool take_profile(struct capture_words *words, const struct capture_row *row,
			 struct capture_target *target, struct capture_notes *notes,
			 struct error *err)
{
	struct profile *profile;

	return row->profile(target, &words->options, notes, &profile, err) &&
	       report_take(words, row->format, profile, err);
}

// Takes it from a target that is open, and closes that.
static bool take_and_close(struct capture_words *words, struct capture_target *target,
			   struct error *err)
{
	struct capture_notes notes = { 0 };
	const struct capture_row *row = capture_find(target, words->kind, err);
	bool is_done = false;

	if (row != NULL)
		is_done = words->debug > 0
				  ? take_text(words, row, target, &notes, err)
				  : take_profile(words, row, target, &notes, err);
	for (size_t i = 0; i < notes.count; i++)
		log_warn("%.*s", (int)notes.texts[i].n, notes.texts[i].p);
	capture_notes_deinit(&notes);
	capture_close(target);
	return is_done;
}

static bool capture_from_target(struct capture_words *words, struct error *err)
{
	struct capture_target target = { 0 };

	return capture_target_open(words->source, words->binary, &target, err) &&
	       take_and_close(words, &target, err);
}

struct command_look {
	struct with_command_look look;
	struct capture_words *words;
};

// What is of one moment is looked at after the time given.
static bool capture_from_command(struct with_command_look *look, int pid,
				 struct error *err)
{
	struct capture_words *words = ((struct command_look *)look)->words;
	struct capture_target target = { 0 };

	if (!capture_open(pid, &target, err))
		return false;
	target.command_pid = pid;
	if (target.go != NULL)
		capture_target_tell_layout(target.go);
	if (capture_words_is_moment(words))
		capture_change_wait(&target, words->options.seconds);
	// What the command wrote is somebody's input; see cpu.c.
	words->flags.request.is_aside = words->flags.request.format == NULL &&
					words->output == NULL && !isatty(STDOUT_FILENO);
	return take_and_close(words, &target, err);
}

static bool capture_from_url(struct capture_words *words, struct error *err)
{
	struct capture_url_request request = {
		.word = words->source,
		.kind = words->kind,
		.debug = words->debug,
		.seconds = words->options.seconds,
		.options = &words->flags.request.fetch,
	};
	CLEANUP_FREE uint8_t *bytes = NULL;
	struct profile *profile;
	struct str answer;
	size_t size;

	if (!capture_url_fetch(&request, &bytes, &size, err))
		return false;
	answer = (struct str){ (const char *)bytes, size };
	if (words->debug > 0)
		return write_text(words->output, answer, err);
	if (!source_decode(answer, &profile, err))
		return error_wrap(err, "%s", words->source);
	return report_take(words, capture_default_format(words->kind), profile, err);
}

// A word that is neither a file nor a process may still be a server.
static bool is_url(const struct capture_words *words)
{
	struct source_spec spec;
	struct error ignored;

	return words->binary == NULL && !source_parse(words->source, &spec, &ignored) &&
	       ignored.code == ERROR_NOT_FOUND && strchr(words->source, ':') != NULL &&
	       capture_url_is(words->source);
}

int capture_run(int argc, char **argv)
{
	struct capture_words words = { .kind = argv[0], .flags = report_flags_default() };
	struct command_look look = { { capture_from_command }, &words };
	struct error err;
	int status = 0;

	if (!capture_words_parse(&words, argc, argv, &err)) {
		fprintf(stderr, "goprof: %s\n", err.text);
		status = err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
	} else if (words.command != NULL) {
		status = with_command_run(words.command, &look.look);
	} else if (!(is_url(&words) ? capture_from_url(&words, &err)
				    : capture_from_target(&words, &err))) {
		fprintf(stderr, "goprof: %s\n", err.text);
		status = err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
	}
	report_flags_deinit(&words.flags);
	return status;
}
