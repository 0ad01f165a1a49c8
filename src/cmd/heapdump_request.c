// Parses the options that all questions to a heap dump share, and writes the answers.
#include "cmd/heapdump_request.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/writer.h"
#include "cmd/option_word.h"

enum { ROWS = 40, DEPTH = 8, DEPTH_MAX = 1000 };

static bool parse_number(const char *name, const char *value, uint64_t most,
			 uint64_t *out, struct error *err)
{
	uint64_t number;

	if (value == NULL || !str_to_u64(str_from(value), 10, &number) || number > most)
		return error_set(err, ERROR_USAGE,
				 "--%s wants a number up to %llu, not %s: try --%s=20",
				 name, (unsigned long long)most,
				 value == NULL ? "nothing" : value, name);
	*out = number;
	return true;
}

static bool parse_by(const char *value, enum naming_by *out, struct error *err)
{
	if (value != NULL && strcmp(value, "type") == 0)
		*out = NAMING_BY_TYPE;
	else if (value != NULL && strcmp(value, "site") == 0)
		*out = NAMING_BY_SITE;
	else
		return error_set(err, ERROR_USAGE, "--by wants type or site, not %s",
				 value == NULL ? "nothing" : value);
	return true;
}

static bool parse_word(const char *name, const char *value, const char **out,
		       struct error *err)
{
	if (value == NULL)
		return error_set(err, ERROR_USAGE,
				 "%s wants a value: try goprof help heapdump", name);
	*out = value;
	return true;
}

static bool take_option(struct heapdump_request *request, int argc, char **argv, int *at,
			struct error *err)
{
	const char *value;

	if (option_word_value(argc, argv, at, "by", &value))
		return parse_by(value, &request->by, err);
	if (option_word_value(argc, argv, at, "count", &value))
		return parse_number("count", value, UINT32_MAX, &request->count, err);
	if (option_word_value(argc, argv, at, "depth", &value))
		return parse_number("depth", value, DEPTH_MAX, &request->depth, err);
	if (option_word_value(argc, argv, at, "o", &value))
		return parse_word("-o", value, &request->output, err);
	if (option_word_value(argc, argv, at, "binary", &value))
		return parse_word("--binary", value, &request->binary, err);
	if (option_word_value(argc, argv, at, "http", &value))
		return parse_word("--http", value, &request->http, err);
	if (option_word_switch(argv, at, "json", &request->is_json) ||
	    option_word_switch(argv, at, "no-browser", &request->no_browser))
		return true;
	return error_set(err, ERROR_USAGE,
			 "%s: heapdump has no such option: try goprof help heapdump",
			 argv[*at]);
}

bool heapdump_request_parse(int argc, char **argv, unsigned words,
			    struct heapdump_request *out, struct error *err)
{
	unsigned count = 0;
	int at = 1;

	*out = (struct heapdump_request){ .count = ROWS, .depth = DEPTH, .output = "-" };
	while (at < argc) {
		if (argv[at][0] == '-' && argv[at][1] != '\0') {
			if (!take_option(out, argc, argv, &at, err))
				return false;
			continue;
		}
		if (count == words)
			return error_set(err, ERROR_USAGE,
					 "%s: one word too many for heapdump %s: try "
					 "goprof help heapdump",
					 argv[at], argv[0]);
		out->words[count++] = argv[at++];
	}
	if (count < words)
		return error_set(err, ERROR_USAGE,
				 "heapdump %s wants %u words, not %u: try goprof help "
				 "heapdump",
				 argv[0], words, count);
	return true;
}

static void write_json(const struct heapdump_page *page, struct writer *w)
{
	struct json json = json_to(w);

	json.is_pretty = true;
	json_object_begin(&json);
	page->json(page, &json);
	json_object_end(&json);
	writer_char(w, '\n');
}

bool heapdump_request_write(const struct heapdump_request *request,
			    const struct heapdump_page *page, struct error *err)
{
	struct file_output out;
	struct writer w;
	bool is_written;

	if (!file_output_open(&out, request->output, err))
		return false;
	w = writer_to_fd(out.fd);
	if (request->is_json)
		write_json(page, &w);
	else
		page->text(page, &w);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	if (is_written)
		return file_output_commit(&out, err);
	file_output_discard(&out);
	return error_wrap(err, "%s",
			  strcmp(request->output, "-") == 0 ? "standard output"
							    : request->output);
}
