// Opens what is to be dumped, and says what became of it.
#include "cmd/heapdump_take.h"

#include <string.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/log.h"
#include "cmd/capture_target.h"
#include "cmd/option_word.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "source/capture.h"
#include "source/heap_take.h"
#include "source/recorded_dump.h"
#include "source/source.h"
#include "target/core_memory.h"

struct take_words {
	const char *source, *binary, *output;
	struct heap_take_options options;
};

static bool take_option(struct take_words *words, int argc, char **argv, int *at,
			struct error *err)
{
	const char *value;
	bool is_given = false;

	if (option_word_value(argc, argv, at, "o", &words->output))
		return words->output != NULL ||
		       error_set(err, ERROR_USAGE, "-o wants the name of a file");
	if (option_word_value(argc, argv, at, "stop-limit", &value))
		return (value != NULL &&
			duration_parse(str_from(value), &words->options.stop_limit_ns)) ||
		       error_set(err, ERROR_USAGE,
				 "--stop-limit wants a time such as 500ms");
	if (option_word_switch(argv, at, "no-contents", &is_given))
		words->options.without_contents = true;
	else if (option_word_switch(argv, at, "stop", &is_given))
		words->options.way = HEAP_TAKE_STOP;
	else if (option_word_switch(argv, at, "snapshot", &is_given))
		words->options.way = HEAP_TAKE_SNAPSHOT;
	if (is_given)
		return true;
	return error_set(err, ERROR_USAGE,
			 "%s: heapdump has no such option: try goprof help heapdump",
			 argv[*at]);
}

static bool parse(struct take_words *words, int argc, char **argv, struct error *err)
{
	int at = 0;

	while (at < argc) {
		if (argv[at][0] == '-' && argv[at][1] != '\0') {
			if (!take_option(words, argc, argv, &at, err))
				return false;
			continue;
		}
		if (words->binary != NULL)
			return error_set(
				err, ERROR_USAGE,
				"%s: one word too many: try goprof help heapdump",
				argv[at]);
		*(words->source == NULL ? &words->source : &words->binary) = argv[at++];
	}
	return words->output != NULL ||
	       error_set(err, ERROR_USAGE,
			 "%s: is no question, and without -o FILE no dump is written: "
			 "try goprof help heapdump",
			 words->source == NULL ? "heapdump" : words->source);
}

static bool open_target(const struct take_words *words, struct capture_target *out,
			struct error *err)
{
	struct source_spec spec;

	if (!source_parse(words->source, &spec, err))
		return false;
	if (spec.kind == SOURCE_PROCESS)
		return capture_open(spec.pid, out, err);
	if (core_memory_is_core(words->source))
		return capture_open_core(words->source, words->binary, out, err);
	return error_set(
		err, ERROR_USAGE,
		"%s: no question, process or core file: try goprof help heapdump",
		words->source);
}

static void tell(const char *path, const struct heap_take_result *result)
{
	const struct go_take_counts *counts = &result->counts;

	log_info("%s: %llu objects, %llu bytes, %llu roots", path,
		 (unsigned long long)counts->objects, (unsigned long long)counts->bytes,
		 (unsigned long long)counts->roots);
	if (result->pause_ns > 0)
		log_info("the process stood still for %.1f ms",
			 (double)result->pause_ns / 1e6);
	if (counts->unread_spans > 0)
		log_warn("%llu spans could not be read and are missing",
			 (unsigned long long)counts->unread_spans);
}

// What the dump says of itself.
static bool tell_recorded(const char *path, struct error *err)
{
	struct heap heap;

	if (!heap_open(path, &heap, err))
		return false;
	log_info("%s: %zu blocks, %llu bytes, %zu roots", path, heap_object_count(&heap),
		 (unsigned long long)heap.bytes, heap.root_count);
	log_info("the process stood still for %.1f ms",
		 (double)heap.quality.pause_ns / 1e6);
	if (heap.quality.is_incomplete)
		log_warn("some blocks are missing: they were allocated before the heap "
			 "profile ran at rate 1, or its tables were full");
	heap_deinit(&heap);
	return true;
}

static bool take_recorded(const struct take_words *words, struct capture_target *target,
			  struct error *err)
{
	bool is_taken = recorded_dump_take(target, words->options.without_contents,
					   words->output, err) &&
			tell_recorded(words->output, err);

	capture_close(target);
	return is_taken;
}

bool heapdump_take(int argc, char **argv, struct error *err)
{
	struct take_words words = { 0 };
	struct heap_take_result result;
	struct capture_target target;
	bool is_taken;

	if (!parse(&words, argc, argv, err) || !open_target(&words, &target, err))
		return false;
	if (target.class == CAPTURE_RECORDED)
		return take_recorded(&words, &target, err);
	if (target.go != NULL)
		capture_target_tell_layout(target.go);
	is_taken = heap_take(&target, &words.options, words.output, &result, err);
	capture_close(&target);
	if (is_taken)
		tell(words.output, &result);
	return is_taken;
}
