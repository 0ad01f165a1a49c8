// goprof set: changes settings of a running Go program.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "cmd/capture_target.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "golang/settings.h"
#include "source/capture.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, CHANGES_LIMIT = 16 };

static const char usage[] =
	"usage: goprof set PID | NAME SETTING=VALUE... [--json]\n"
	"\n"
	"Changes settings of a running Go program by writing them into its memory, and\n"
	"says what they were: the same command with that value undoes it.\n"
	"\n"
	"  GOGC=400         percent of garbage over live heap, or off; from the end of\n"
	"                   the next collection on\n"
	"  GOMEMLIMIT=2GiB  the soft limit of its memory, or off; at once\n"
	"  gctrace=1        the program prints a line a collection to its own stderr\n"
	"  schedtrace=1000  it prints its scheduler's state every so many milliseconds;\n"
	"                   with scheddetail=1 in full\n"
	"  gcpacertrace=1   it prints how collections are paced\n"
	"  scavtrace=1      it prints what memory it gives back\n";

struct words {
	const char *source;
	struct go_setting_change changes[CHANGES_LIMIT];
	size_t count;
	bool is_json;
};

static bool take_word(const char *word, struct words *out, struct error *err)
{
	if (word[0] == '-')
		return error_set(err, ERROR_USAGE,
				 "%s: no such option: try goprof help set", word);
	if (out->source == NULL) {
		out->source = word;
		return true;
	}
	if (strchr(word, '=') == NULL)
		return error_set(err, ERROR_USAGE,
				 "%s: settings are written NAME=VALUE, as in GOGC=400",
				 word);
	if (out->count == CHANGES_LIMIT)
		return error_set(err, ERROR_USAGE, "at most %d settings at a time",
				 CHANGES_LIMIT);
	return go_setting_parse(str_from(word), &out->changes[out->count++], err);
}

// Nothing is written unless all of it can be understood.
static bool parse(int argc, char **argv, struct words *out, struct error *err)
{
	for (int at = 1; at < argc;) {
		if (option_word_switch(argv, &at, "json", &out->is_json))
			continue;
		if (!take_word(argv[at++], out, err))
			return false;
	}
	if (out->source == NULL)
		return error_set(err, ERROR_USAGE,
				 "which program? try goprof set PID GOGC=400");
	return out->count > 0 ||
	       error_set(err, ERROR_USAGE,
			 "what is to be set? try goprof set %s GOGC=400", out->source);
}

static void write_change(const struct go_setting_change *change, bool is_json,
			 struct arena *arena, struct writer *w)
{
	struct str before = go_setting_value(change->setting, change->before, arena);
	struct str after = go_setting_value(change->setting, change->after, arena);
	struct json j = json_to(w);

	if (!is_json) {
		writer_format(w, "%s: %.*s -> %.*s (%s)\n",
			      go_setting_name(change->setting), (int)before.n, before.p,
			      (int)after.n, after.p, go_setting_when(change->setting));
		return;
	}
	json_object_begin(&j);
	json_key_string(&j, "setting", str_from(go_setting_name(change->setting)));
	json_key_string(&j, "old", before);
	json_key_string(&j, "new", after);
	json_object_end(&j);
	writer_char(w, '\n');
}

static bool change_all(struct capture_target *target, struct words *words,
		       struct error *err)
{
	struct writer w = writer_to_fd(STDOUT_FILENO);
	struct error unwritten;
	bool is_done = true;

	if (target->go == NULL)
		return error_set(err, ERROR_UNSUPPORTED,
				 "process %d is no Go program: it has no such settings",
				 target->pid);
	for (size_t i = 0; i < words->count && is_done; i++) {
		is_done = go_setting_apply(target->go, &words->changes[i], err);
		if (is_done)
			write_change(&words->changes[i], words->is_json, &target->arena,
				     &w);
	}
	// What was changed is said even if the next change failed.
	if (!writer_finish(&w, &unwritten) && is_done) {
		*err = unwritten;
		is_done = error_wrap(err, "standard output");
	}
	writer_deinit(&w);
	return is_done;
}

static int run(int argc, char **argv)
{
	struct capture_target target = { 0 };
	struct words words = { 0 };
	struct error err;
	bool is_done;

	is_done = parse(argc, argv, &words, &err) &&
		  capture_target_open(words.source, NULL, &target, &err);
	if (is_done) {
		is_done = change_all(&target, &words, &err);
		capture_close(&target);
	}
	if (is_done)
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_set = {
	.name = "set",
	.summary = "change GOGC, GOMEMLIMIT or tracing of a running Go program",
	.usage = usage,
	.run = run,
};
