// goprof modules: the program files of a profile and where their names come from.
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "binary/module_table.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/pprof_load.h"
#include "cmd/report_flags.h"
#include "profile/profile.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: goprof modules [--json] [-symbolize=HOW] [PROGRAM] PROFILE...\n"
	"\n"
	"Shows the program files that a profile's addresses lie in: how many of its\n"
	"distinct addresses have names, the build id, and what was found of the file on\n"
	"this machine, or why nothing was. -symbolize=force looks for files even where\n"
	"the profile has names already. Where files are looked for: docs/symbols.md.\n"
	"\n"
	"The exit status is 0, also where names are missing; 1 after a failure, 2 for\n"
	"wrong usage.\n";

static void print_text(const struct module_table *table, struct writer *w)
{
	enum { ID_SHOWN = 12 };
	int width = 4;

	for (size_t i = 0; i < table->count; i++) {
		if ((int)table->rows[i].file.n > width)
			width = (int)table->rows[i].file.n;
	}
	writer_format(w, "%8s %9s  %-*s  %-*s  %s\n", "named", "addresses", ID_SHOWN,
		      "build id", width, "file", "found");
	for (size_t i = 0; i < table->count; i++) {
		const struct module_row *row = &table->rows[i];
		struct str id = row->build_id.n > 0
					? str_slice(row->build_id, 0, ID_SHOWN)
					: STR("none");
		struct str file = row->file.n > 0 ? row->file : STR("none");

		writer_format(w, "%8" PRIu64 " %9" PRIu64 "  %-*.*s  %-*.*s  %.*s\n",
			      row->addresses - row->unnamed, row->addresses, ID_SHOWN,
			      (int)id.n, id.p, width, (int)file.n, file.p,
			      (int)row->text.n, row->text.p);
	}
}

static void print_json(const struct module_table *table, struct writer *w)
{
	struct json json = json_to(w);

	json.is_pretty = true;
	json_object_begin(&json);
	json_key_i64(&json, "addresses", (int64_t)table->addresses);
	json_key_i64(&json, "unnamed", (int64_t)table->unnamed);
	json_key(&json, "modules");
	json_array_begin(&json);
	for (size_t i = 0; i < table->count; i++) {
		const struct module_row *row = &table->rows[i];

		json_object_begin(&json);
		json_key_string(&json, "file", row->file);
		json_key_string(&json, "build_id", row->build_id);
		json_key_i64(&json, "addresses", (int64_t)row->addresses);
		json_key_i64(&json, "unnamed", (int64_t)row->unnamed);
		json_key_string(&json, "found", row->text);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	writer_char(w, '\n');
}

static bool show(const struct report_flags *flags,
		 void (*print)(const struct module_table *, struct writer *),
		 struct error *err)
{
	struct pprof_findings findings = { 0 };
	struct module_table table;
	struct profile *profile;
	struct writer w;
	bool is_shown;

	if (!pprof_load_with_findings(&flags->request, &profile, &findings, err))
		return false;
	table = module_table_make(profile, &findings.symbols, &findings.arena);
	w = writer_to_fd(STDOUT_FILENO);
	print(&table, &w);
	is_shown = writer_finish(&w, err);
	writer_deinit(&w);
	profile_destroy(profile);
	arena_deinit(&findings.arena);
	return is_shown;
}

static bool take_word(struct report_flags *flags, int argc, char **argv, int *at,
		      bool *is_json, struct error *err)
{
	if (option_word_switch(argv, at, "json", is_json))
		return true;
	switch (report_flags_take(flags, argc, argv, at, err)) {
	case REPORT_FLAG_TAKEN:
		return true;
	case REPORT_FLAG_NONE:
		report_flags_add_source(flags, argv[(*at)++]);
		return true;
	case REPORT_FLAG_UNKNOWN:
		return error_set(err, ERROR_USAGE,
				 "%s: no such option: try goprof help modules",
				 argv[*at]);
	case REPORT_FLAG_WRONG:
		break;
	}
	return false;
}

static bool read_words(struct report_flags *flags, int argc, char **argv, bool *is_json,
		       struct error *err)
{
	int at = 1;

	while (at < argc) {
		if (!take_word(flags, argc, argv, &at, is_json, err))
			return false;
	}
	return flags->request.source_count > 0 ||
	       error_set(err, ERROR_USAGE,
			 "modules wants a profile: try goprof help modules");
}

static int run(int argc, char **argv)
{
	struct report_flags flags = report_flags_default();
	bool is_json = false, is_done;
	struct error err;
	int status = 0;

	is_done = read_words(&flags, argc, argv, &is_json, &err) &&
		  show(&flags, is_json ? print_json : print_text, &err);
	if (!is_done) {
		fprintf(stderr, "goprof: %s\n", err.text);
		status = err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
	}
	report_flags_deinit(&flags);
	return status;
}

const struct command command_modules = {
	.name = "modules",
	.summary = "show where the names of a profile come from, file by file",
	.usage = usage,
	.run = run,
};
