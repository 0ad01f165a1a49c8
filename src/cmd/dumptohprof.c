// goprof dumptohprof: a heap dump for the tools of Java.
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "heapdump/hprof.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: goprof dumptohprof DUMP OUT.hprof\n"
	"\n"
	"Turns a heap dump into an HPROF file, which Eclipse MAT, VisualVM and others\n"
	"open. Types become classes, allocation sites stack traces, roots arrays of "
	"what\n"
	"they hold. \"-\" writes to standard output.\n";

static bool write_hprof(struct heap *heap, const char *path, struct error *err)
{
	struct hprof_counts counts;
	struct file_output out;
	struct writer w;
	bool is_written;

	if (!file_output_open(&out, path, err))
		return false;
	w = writer_to_fd(out.fd);
	hprof_write(heap, &w, &counts);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	if (!is_written) {
		file_output_discard(&out);
		return error_wrap(err, "%s", path);
	}
	log_info("%llu instances, %llu arrays, %llu classes, %llu roots",
		 (unsigned long long)counts.instances, (unsigned long long)counts.arrays,
		 (unsigned long long)counts.classes, (unsigned long long)counts.roots);
	if (counts.clipped > 0)
		log_warn("%llu objects of more than 2 GB are cut to that",
			 (unsigned long long)counts.clipped);
	if (heap->quality.is_truncated)
		log_warn("the dump is cut off: what follows is missing in %s too", path);
	return file_output_commit(&out, err);
}

static int run(int argc, char **argv)
{
	struct error err;
	struct heap heap;
	bool is_done;

	if (argc != 3) {
		fputs("goprof: dumptohprof wants a dump and the file to write: try "
		      "goprof "
		      "help dumptohprof\n",
		      stderr);
		return EXIT_USAGE;
	}
	is_done = heap_open(argv[1], &heap, &err);
	if (is_done) {
		is_done = write_hprof(&heap, argv[2], &err);
		heap_deinit(&heap);
	}
	if (is_done)
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return EXIT_FAILED;
}

const struct command command_dumptohprof = {
	.name = "dumptohprof",
	.summary = "turn a heap dump into an HPROF file",
	.usage = usage,
	.run = run,
};
