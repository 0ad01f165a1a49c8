// goprof memstats: runtime.MemStats of a Go program.
#include "golang/memstats.h"
#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/go_numbers.h"
#include "golang/memstats_text.h"
#include "source/capture.h"
#include "source/capture_memstats.h"

static const char usage[] =
	"usage: goprof memstats [--json] PID | NAME | CORE [BINARY]\n"
	"\n"
	"Prints every field of runtime.MemStats of a Go program, without stopping it: "
	"what\n"
	"runtime.ReadMemStats would say, which does stop it. --json writes it as\n"
	"encoding/json does.\n"
	"\n"
	"Of other programs it prints the fields that have a meaning there: from the "
	"allocator,\n"
	"through libgoprof in the process, or what the kernel knows.\n";

static bool write(struct capture_target *target, enum go_numbers_form form,
		  struct capture_notes *notes, struct writer *w, struct error *err)
{
	struct memstats stats;

	if (!memstats_read(target->go, &stats, err))
		return error_wrap(err, "process %d", target->pid);
	if (!stats.is_settled)
		capture_notes_add(notes,
				  "the program allocated all the while: counts may be "
				  "off by what came in between");
	if (form == GO_NUMBERS_JSON)
		memstats_text_json(&stats, w);
	else
		memstats_text_table(&stats, w);
	return true;
}

static bool write_native(struct capture_target *target, enum go_numbers_form form,
			 struct capture_notes *notes, struct writer *w, struct error *err)
{
	struct capture_memstats stats;
	struct json json = json_to(w);

	if (!capture_memstats_read(target, &stats, notes, err))
		return error_wrap(err, "process %d", target->pid);
	if (form == GO_NUMBERS_JSON)
		json_object_begin(&json);
	for (size_t i = 0; i < stats.count; i++) {
		const struct capture_number *number = &stats.numbers[i];

		if (form == GO_NUMBERS_JSON && number->text[0] != '\0')
			json_key_string(&json, number->name, str_from(number->text));
		else if (form == GO_NUMBERS_JSON)
			json_key_i64(&json, number->name, (int64_t)number->value);
		else if (number->text[0] != '\0')
			writer_format(w, "%-14s %16s\n", number->name, number->text);
		else
			writer_format(w, "%-14s %16llu\n", number->name,
				      (unsigned long long)number->value);
	}
	if (form == GO_NUMBERS_JSON) {
		json_object_end(&json);
		writer_char(w, '\n');
	}
	return true;
}

static int run(int argc, char **argv)
{
	return go_numbers_run(argc, argv, write, write_native);
}

const struct command command_memstats = {
	.name = "memstats",
	.summary = "print a program's memory statistics as Go's runtime.MemStats",
	.usage = usage,
	.run = run,
};
