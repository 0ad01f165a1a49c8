// goprof info: what a Go program is and how its runtime is set.
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "golang/info.h"
#include "golang/process.h"
#include "source/capture.h"
#include "source/source.h"
#include "target/environment.h"
#include "target/process.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: goprof info PID | NAME | CORE [BINARY] [--json]\n"
	"\n"
	"Tells what a Go program is: version, settings and modules it was built with, "
	"and\n"
	"how its runtime is set and stands: GOMAXPROCS, GOGC, GOMEMLIMIT, goroutines.\n";

static bool open_core(const char *path, const char *binary, struct capture_target *out,
		      struct error *err)
{
	if (!capture_open_core(path, binary, out, err))
		return false;
	if (out->go != NULL)
		return true;
	capture_close(out);
	return error_set(
		err, ERROR_UNSUPPORTED,
		"%s: is a core file of no Go program: goprof goroutine shows its "
		"threads",
		path);
}

static bool open_target(char **words, int count, struct capture_target *out,
			struct error *err)
{
	struct source_spec spec;

	if (!source_parse(words[0], &spec, err))
		return false;
	if (spec.kind == SOURCE_FILE)
		return open_core(words[0], count > 1 ? words[1] : NULL, out, err);
	if (!capture_open(spec.pid, out, err))
		return false;
	if (out->class == CAPTURE_GO_LIVE)
		return true;
	capture_close(out);
	return error_set(err, ERROR_UNSUPPORTED,
			 "process %d: is no Go program: goprof doctor %d tells about "
			 "others",
			 spec.pid, spec.pid);
}

// Seconds since the process began, -1 where that is not known.
static double uptime(const struct capture_target *target)
{
	struct process_status status;

	if (target->class != CAPTURE_GO_LIVE ||
	    !process_read_status(target->pid, &status))
		return -1;
	return (double)clock_read_ns(CLOCK_BOOTTIME) / 1e9 -
	       (double)status.start_ticks / (double)sysconf(_SC_CLK_TCK);
}

static struct str godebug(struct capture_target *target)
{
	return target->class == CAPTURE_GO_LIVE
		       ? environment_of(target->pid, STR("GODEBUG"), &target->arena)
		       : environment_of_core(target->go->core, STR("GODEBUG"),
					     &target->arena);
}

static void write_fact(struct writer *w, const char *name, struct str value)
{
	if (value.n > 0)
		writer_format(w, "%-14s %.*s\n", name, (int)value.n, value.p);
}

static void write_number(struct writer *w, const char *name, int64_t value)
{
	if (value >= 0)
		writer_format(w, "%-14s %lld\n", name, (long long)value);
}

static void write_lines(struct writer *w, struct str modules)
{
	struct go_info_line line;

	while (go_info_next_line(&modules, &line))
		writer_format(w, "%-14.*s %.*s%s%.*s\n", (int)line.kind.n, line.kind.p,
			      (int)line.name.n, line.name.p, line.value.n > 0 ? " " : "",
			      (int)line.value.n, line.value.p);
}

static const char *const layout_words[] = {
	[GO_LAYOUT_MEASURED] = "",
	[GO_LAYOUT_OF_OLDER] = "of an older release: this one was never looked at",
	[GO_LAYOUT_FROM_DWARF] =
		"from the program's DWARF: this release was never looked at",
};

static void write_text(struct capture_target *target, const struct go_info *info,
		       struct writer *w)
{
	double seconds = uptime(target);

	write_number(w, "pid", target->pid);
	write_fact(w, "program", info->path);
	write_fact(w, "go", info->version);
	if (seconds >= 0)
		writer_format(w, "%-14s %.0f s\n", "uptime", seconds);
	writer_format(w, "%-14s %lld, and %lld of the runtime itself\n", "goroutines",
		      (long long)info->goroutines, (long long)info->system_goroutines);
	write_number(w, "threads", info->threads);
	write_number(w, "GOMAXPROCS", info->processors);
	if (info->is_gc_off)
		write_fact(w, "GOGC", STR("off"));
	else
		write_number(w, "GOGC", info->gc_percent);
	if (info->memory_limit == INT64_MAX)
		write_fact(w, "GOMEMLIMIT", STR("off"));
	else
		write_number(w, "GOMEMLIMIT", info->memory_limit);
	write_number(w, "collections", info->collections);
	write_fact(w, "GODEBUG", godebug(target));
	write_fact(w, "symbols",
		   info->has_symbols ? STR("") : STR("none: the program was stripped"));
	write_fact(w, "layout", str_from(layout_words[info->layout]));
	write_lines(w, target->go->info.modules);
}

static void write_json_lines(struct json *j, struct str modules)
{
	struct go_info_line line;

	json_key(j, "build");
	json_array_begin(j);
	while (go_info_next_line(&modules, &line)) {
		json_object_begin(j);
		json_key_string(j, "kind", line.kind);
		json_key_string(j, "name", line.name);
		json_key_string(j, "value", line.value);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_json(struct capture_target *target, const struct go_info *info,
		       struct writer *w)
{
	struct json j = json_to(w);
	double seconds = uptime(target);

	json_object_begin(&j);
	json_key_i64(&j, "pid", target->pid);
	json_key_string(&j, "program", info->path);
	json_key_string(&j, "go", info->version);
	if (seconds >= 0)
		json_key_double(&j, "uptime_seconds", seconds);
	json_key_i64(&j, "goroutines", info->goroutines);
	json_key_i64(&j, "system_goroutines", info->system_goroutines);
	json_key_i64(&j, "threads", info->threads);
	json_key_i64(&j, "gomaxprocs", info->processors);
	json_key_i64(&j, "gogc", info->gc_percent);
	json_key_i64(&j, "gomemlimit_bytes", info->memory_limit);
	json_key_i64(&j, "collections", info->collections);
	json_key_string(&j, "godebug", godebug(target));
	json_key_bool(&j, "has_symbols", info->has_symbols);
	json_key_bool(&j, "is_position_independent", info->is_position_independent);
	json_key_bool(&j, "is_layout_measured", info->layout == GO_LAYOUT_MEASURED);
	json_key_bool(&j, "is_layout_from_dwarf", info->layout == GO_LAYOUT_FROM_DWARF);
	write_json_lines(&j, target->go->info.modules);
	json_object_end(&j);
	writer_char(w, '\n');
}

static bool tell(char **words, int count, bool is_json, struct error *err)
{
	struct writer w = writer_to_fd(STDOUT_FILENO);
	struct capture_target target = { 0 };
	struct go_info info;
	bool is_told;

	if (!open_target(words, count, &target, err))
		return false;
	is_told = go_info_read(target.go, &info, err);
	if (is_told && is_json)
		write_json(&target, &info, &w);
	else if (is_told)
		write_text(&target, &info, &w);
	is_told = is_told && writer_finish(&w, err);
	writer_deinit(&w);
	capture_close(&target);
	return is_told;
}

static int run(int argc, char **argv)
{
	char *words[2] = { NULL, NULL };
	bool is_json = false;
	struct error err;
	int count = 0;

	for (int at = 1; at < argc;) {
		if (option_word_switch(argv, &at, "json", &is_json))
			continue;
		if (argv[at][0] == '-' || count == 2) {
			fprintf(stderr, "goprof: %s: try goprof help info\n", argv[at]);
			return EXIT_USAGE;
		}
		words[count++] = argv[at++];
	}
	if (count == 0) {
		fputs("goprof: info wants a process id or a core file: try goprof ps\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (tell(words, count, is_json, &err))
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_info = {
	.name = "info",
	.summary = "tell what a Go program is and how its runtime is set",
	.usage = usage,
	.run = run,
};
