// goprof ps: the processes that can be asked for more than CPU time.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "source/offers.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, WIDTH_VERSION = 12, WIDTH_NAME = 16 };

static const char usage[] =
	"usage: goprof ps [--json]\n"
	"\n"
	"Lists the Go programs that run on this machine, the programs that libgoprof\n"
	"records, and what goprof can take from each: goprof goroutine PID, goprof heap\n"
	"PID ... Any other process gives cpu.\n";

static void write_text(const struct offers *offers, struct writer *w)
{
	writer_format(w, "%7s  %-*s %-*s %s\n", "PID", WIDTH_VERSION, "GO", WIDTH_NAME,
		      "NAME", "GIVES");
	for (size_t i = 0; i < offers->count; i++) {
		const struct offer *offer = &offers->items[i];
		struct str last = offer->problem.n > 0 ? offer->problem : offer->kinds;

		writer_format(w, "%7d  %-*.*s %-*.*s %.*s\n", offer->pid, WIDTH_VERSION,
			      (int)offer->version.n, offer->version.p, WIDTH_NAME,
			      (int)offer->name.n, offer->name.p, (int)last.n, last.p);
	}
}

static void write_json(const struct offers *offers, struct writer *w)
{
	struct json j = json_to(w);

	json_array_begin(&j);
	for (size_t i = 0; i < offers->count; i++) {
		const struct offer *offer = &offers->items[i];
		struct str rest = offer->kinds, kind;

		json_object_begin(&j);
		json_key_i64(&j, "pid", offer->pid);
		json_key_string(&j, "name", offer->name);
		json_key_string(&j, "go", offer->version);
		json_key(&j, "kinds");
		json_array_begin(&j);
		while (str_cut(&rest, ' ', &kind))
			json_string(&j, kind);
		json_array_end(&j);
		json_key_string(&j, "problem", offer->problem);
		json_object_end(&j);
	}
	json_array_end(&j);
	writer_char(w, '\n');
}

static int run(int argc, char **argv)
{
	struct writer w = writer_to_fd(STDOUT_FILENO);
	struct offers offers;
	struct error err;
	bool is_json = false, is_written;
	int at = 1;

	while (at < argc && option_word_switch(argv, &at, "json", &is_json))
		;
	if (at < argc) {
		fprintf(stderr, "goprof: %s: ps takes --json alone: try goprof help ps\n",
			argv[at]);
		return EXIT_USAGE;
	}
	offers_find(&offers);
	if (is_json)
		write_json(&offers, &w);
	else if (offers.count > 0)
		write_text(&offers, &w);
	is_written = writer_finish(&w, &err);
	writer_deinit(&w);
	if (!is_json && offers.count == 0)
		fputs("goprof: no Go program and none with libgoprof runs here that may "
		      "be seen: any process gives cpu\n",
		      stderr);
	offers_deinit(&offers);
	if (!is_written)
		fprintf(stderr, "goprof: %s\n", err.text);
	return is_written ? 0 : EXIT_FAILED;
}

const struct command command_ps = {
	.name = "ps",
	.summary = "list programs that can be asked, and what each can give",
	.usage = usage,
	.run = run,
};
