// goprof dumptodot: a heap dump as a graph for graphviz.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "heapdump/graph_dot.h"
#include "heapdump/opened_dump.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, NODES = 500, DEPTH = 3, DEPTH_MAX = 100 };

static const char usage[] =
	"usage: goprof dumptodot DUMP [BINARY] [options] > heap.dot\n"
	"\n"
	"Draws a heap dump for graphviz (dot -Tsvg heap.dot). BINARY, the program that\n"
	"was dumped, gives globals their names.\n"
	"\n"
	"  --around=ADDR          only what is near the object at that address\n"
	"  --depth=N              how many pointers away, in both directions (3)\n"
	"  --nodes=N              merge by type or site what has more nodes; 0: never "
	"(500)\n"
	"  --by=type|site         what to merge by (types, where the dump has any)\n"
	"  -o FILE                write it there\n";

struct dumptodot {
	const char *dump, *binary, *output;
	bool is_around;
	uint64_t around, depth;
	struct graph_dot_options options;
};

static bool refuse_value(const char *name, const char *value, const char *example,
			 struct error *err)
{
	return error_set(err, ERROR_USAGE, "--%s does not take %s: try --%s=%s", name,
			 value == NULL ? "nothing" : value, name, example);
}

static bool take_number(const char *name, const char *value, const char *example,
			uint64_t *out, struct error *err)
{
	if (value == NULL || !str_to_u64(str_from(value), 0, out))
		return refuse_value(name, value, example, err);
	return true;
}

static bool take_by(const char *value, enum naming_by *out, struct error *err)
{
	if (value == NULL || (strcmp(value, "type") != 0 && strcmp(value, "site") != 0))
		return refuse_value("by", value, "site", err);
	*out = strcmp(value, "type") == 0 ? NAMING_BY_TYPE : NAMING_BY_SITE;
	return true;
}

static bool take_option(struct dumptodot *request, int argc, char **argv, int *at,
			struct error *err)
{
	const char *value;

	if (option_word_value(argc, argv, at, "around", &value)) {
		request->is_around = true;
		return take_number("around", value, "0xc000012340", &request->around,
				   err);
	}
	if (option_word_value(argc, argv, at, "depth", &value)) {
		if (!take_number("depth", value, "3", &request->depth, err))
			return false;
		return request->depth <= DEPTH_MAX ||
		       refuse_value("depth", value, "3", err);
	}
	if (option_word_value(argc, argv, at, "nodes", &value))
		return take_number("nodes", value, "500", &request->options.most_nodes,
				   err);
	if (option_word_value(argc, argv, at, "by", &value))
		return take_by(value, &request->options.by, err);
	if (option_word_value(argc, argv, at, "o", &request->output))
		return request->output != NULL ||
		       refuse_value("o", NULL, "heap.dot", err);
	return error_set(err, ERROR_USAGE,
			 "%s: dumptodot has no such option: try goprof help dumptodot",
			 argv[*at]);
}

static bool parse(struct dumptodot *request, int argc, char **argv, struct error *err)
{
	int at = 1;

	while (at < argc) {
		if (argv[at][0] == '-' && argv[at][1] != '\0') {
			if (!take_option(request, argc, argv, &at, err))
				return false;
			continue;
		}
		if (request->binary != NULL)
			return error_set(err, ERROR_USAGE,
					 "%s: dumptodot takes a dump and a program: try "
					 "goprof help dumptodot",
					 argv[at]);
		*(request->dump == NULL ? &request->dump : &request->binary) = argv[at++];
	}
	return request->dump != NULL ||
	       error_set(err, ERROR_USAGE,
			 "dumptodot wants a heap dump: try goprof help dumptodot");
}

static bool draw(const struct dumptodot *request, struct opened_dump *dump,
		 struct writer *w, struct error *err)
{
	struct graph_dot_options options = request->options;
	uint64_t offset;
	uint32_t object;

	options.by = naming_decide(&dump->heap, options.by);
	if (!request->is_around) {
		graph_dot_whole(&dump->heap, &dump->dominators, &options, w);
		return writer_finish(w, err);
	}
	object = heap_find(&dump->heap, request->around, &offset);
	if (object == HEAP_NONE)
		return error_set(err, ERROR_NOT_FOUND,
				 "0x%" PRIx64 ": no object there: see goprof heapdump "
				 "dominators",
				 request->around);
	graph_dot_around(&dump->heap, &dump->dominators, object, (unsigned)request->depth,
			 w);
	return writer_finish(w, err);
}

static bool write_graph(const struct dumptodot *request, struct error *err)
{
	struct opened_dump dump;
	struct file_output out;
	struct writer w;
	bool is_written;

	if (!opened_dump_open(request->dump, request->binary, &dump, err))
		return false;
	if (dump.heap.quality.is_truncated)
		log_warn("%s is cut off: what follows is missing in the graph",
			 request->dump);
	is_written = file_output_open(&out, request->output, err);
	if (is_written) {
		w = writer_to_fd(out.fd);
		is_written = draw(request, &dump, &w, err);
		writer_deinit(&w);
		if (is_written)
			is_written = file_output_commit(&out, err);
		else
			file_output_discard(&out);
	}
	opened_dump_close(&dump);
	return is_written;
}

static int run(int argc, char **argv)
{
	struct dumptodot request = { .output = "-",
				     .depth = DEPTH,
				     .options = { .most_nodes = NODES } };
	struct error err;

	if (parse(&request, argc, argv, &err) && write_graph(&request, &err))
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_dumptodot = {
	.name = "dumptodot",
	.summary = "draw a heap dump as a graph",
	.usage = usage,
	.run = run,
};
