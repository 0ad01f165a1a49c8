// Reads the words, opens the program, writes the answer all at once or not at all.
#include "cmd/go_numbers.h"

#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/capture_target.h"
#include "cmd/option_word.h"
#include "source/capture.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct words {
	const char *source, *binary;
	bool is_json;
};

static bool parse_words(int argc, char **argv, struct words *out, struct error *err)
{
	for (int at = 1; at < argc;) {
		if (option_word_switch(argv, &at, "json", &out->is_json))
			continue;
		if (argv[at][0] == '-' && argv[at][1] != '\0')
			return error_set(err, ERROR_USAGE,
					 "%s: no such option: try goprof help %s",
					 argv[at], argv[0]);
		if (out->binary != NULL)
			return error_set(err, ERROR_USAGE,
					 "%s: one source at a time, and the binary of a "
					 "core file behind it",
					 argv[at]);
		if (out->source == NULL)
			out->source = argv[at++];
		else
			out->binary = argv[at++];
	}
	return out->source != NULL ||
	       error_set(err, ERROR_USAGE, "which program? try goprof %s PID", argv[0]);
}

static bool write_answer(struct capture_target *target, const struct words *words,
			 go_numbers_write *write, struct error *err)
{
	struct capture_notes notes = { 0 };
	struct writer w = writer_to_fd(STDOUT_FILENO);
	bool is_done = write(target, words->is_json ? GO_NUMBERS_JSON : GO_NUMBERS_TEXT,
			     &notes, &w, err) &&
		       writer_finish(&w, err);

	for (size_t i = 0; is_done && i < notes.count; i++)
		log_warn("%.*s", (int)notes.texts[i].n, notes.texts[i].p);
	writer_deinit(&w);
	capture_notes_deinit(&notes);
	return is_done;
}

static bool answer(const struct words *words, const char *name, go_numbers_write *write,
		   go_numbers_write *write_native, struct error *err)
{
	struct capture_target target = { 0 };
	bool is_done;

	if (!capture_target_open(words->source, words->binary, &target, err))
		return false;
	if (target.go == NULL && write_native != NULL)
		write = write_native;
	else if (target.go == NULL)
		write = NULL;
	if (target.native_core != NULL)
		is_done =
			error_set(err, ERROR_UNSUPPORTED,
				  "%s: is a core file of a program without a Go "
				  "runtime, of which goprof goroutine shows the threads",
				  words->source);
	else if (write == NULL)
		is_done = error_set(err, ERROR_UNSUPPORTED,
				    "process %d is no Go program, and goprof %s reads "
				    "those only",
				    target.pid, name);
	else
		is_done = write_answer(&target, words, write, err);
	capture_close(&target);
	return is_done;
}

int go_numbers_run(int argc, char **argv, go_numbers_write *write,
		   go_numbers_write *write_native)
{
	struct words words = { 0 };
	struct error err;

	if (parse_words(argc, argv, &words, &err) &&
	    answer(&words, argv[0], write, write_native, &err))
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
