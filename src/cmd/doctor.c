// goprof doctor: what works here, what does not, and what mends it.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "source/doctor.h"

enum {
	EXIT_CANNOT_PROFILE = 1,
	EXIT_USAGE = 2,
};

static const char usage[] =
	"usage: goprof doctor [--json] [PID]\n"
	"\n"
	"Tries what profiling needs: here in general, and for one process where its id "
	"is\n"
	"given, with the files it runs and where their names come from. Each line says\n"
	"what works (ok), what lacks something (part) and what does not work (no), and\n"
	"the command that mends it. Exit status 0 when CPU profiles can be taken, else "
	"1.\n";

static const char *state_word(enum doctor_state state)
{
	switch (state) {
	case DOCTOR_WORKS:
		return "ok";
	case DOCTOR_LIMITED:
		return "part";
	case DOCTOR_FAILS:
		return "no";
	}
	return "";
}

static void print_text(const struct doctor_facts *facts, struct writer *w)
{
	int width = 0;

	for (size_t i = 0; i < facts->count; i++) {
		if ((int)facts->facts[i].topic.n > width)
			width = (int)facts->facts[i].topic.n;
	}
	for (size_t i = 0; i < facts->count; i++) {
		const struct doctor_fact *fact = &facts->facts[i];

		writer_format(w, "%-4s  %-*.*s  %.*s\n", state_word(fact->state), width,
			      (int)fact->topic.n, fact->topic.p, (int)fact->text.n,
			      fact->text.p);
		if (fact->remedy.n > 0)
			writer_format(w, "      %*s  try: %.*s\n", width, "",
				      (int)fact->remedy.n, fact->remedy.p);
	}
}

static void print_json(const struct doctor_facts *facts, struct writer *w)
{
	struct json json = json_to(w);

	json.is_pretty = true;
	json_object_begin(&json);
	json_key_bool(&json, "can_profile_cpu", facts->can_profile);
	json_key(&json, "facts");
	json_array_begin(&json);
	for (size_t i = 0; i < facts->count; i++) {
		const struct doctor_fact *fact = &facts->facts[i];

		json_object_begin(&json);
		json_key_string(&json, "topic", fact->topic);
		json_key_string(&json, "state", str_from(state_word(fact->state)));
		json_key_string(&json, "text", fact->text);
		json_key_string(&json, "remedy", fact->remedy);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	writer_char(w, '\n');
}

static int examine(int pid, void (*print)(const struct doctor_facts *, struct writer *))
{
	struct doctor_facts facts = { 0 };
	struct writer w = writer_to_fd(STDOUT_FILENO);
	struct error err;
	int status;

	doctor_examine_machine(&facts);
	if (pid != 0)
		doctor_examine_process(&facts, pid);
	print(&facts, &w);
	status = facts.can_profile ? 0 : EXIT_CANNOT_PROFILE;
	if (!writer_finish(&w, &err)) {
		log_warn("standard output: %s", err.text);
		status = EXIT_CANNOT_PROFILE;
	}
	writer_deinit(&w);
	doctor_facts_deinit(&facts);
	return status;
}

static int run(int argc, char **argv)
{
	void (*print)(const struct doctor_facts *, struct writer *) = print_text;
	uint64_t pid = 0;

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--json") == 0 || strcmp(word, "-json") == 0) {
			print = print_json;
		} else if (pid != 0 || !str_to_u64(str_from(word), 10, &pid) ||
			   pid == 0 || pid > INT32_MAX) {
			log_warn("%s: doctor wants at most one process id: try goprof "
				 "help doctor",
				 word);
			return EXIT_USAGE;
		}
	}
	return examine((int)pid, print);
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "show what can be profiled here, and what mends it",
	.usage = usage,
	.run = run,
};
