// The flag grammar of pprof over the tables of options and formats.
#include "cmd/report_flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "report/format.h"

enum own_kind { OWN_WORD, OWN_NUMBER, OWN_TRUTH, OWN_BASE, OWN_HEADER };

// Flags of the command line that are no options of a report.
struct own_flag {
	const char *name;
	enum own_kind kind;
	size_t offset; // in struct report_request
	const char *help;
};

#define MEMBER(member) offsetof(struct report_request, member)

static const struct own_flag own_flags[] = {
	{ "add_comment", OWN_WORD, MEMBER(comment), "Note to record in the profile" },
	{ "base", OWN_BASE, MEMBER(bases), "Profile to subtract" },
	{ "bearer_token_file", OWN_WORD, MEMBER(fetch.bearer_token_file),
	  "File whose token is sent to servers" },
	{ "buildid", OWN_WORD, MEMBER(build_id), "Build id of the first mapping" },
	{ "diff_base", OWN_BASE, MEMBER(bases),
	  "Profile to compare with; percentages are of its total" },
	{ "header", OWN_HEADER, MEMBER(fetch.headers),
	  "\"Name: value\" to send to servers; may be repeated" },
	{ "http", OWN_WORD, MEMBER(http), "[HOST]:PORT to serve pages at" },
	{ "no_browser", OWN_TRUTH, MEMBER(no_browser),
	  "With -http: do not open a browser" },
	{ "o", OWN_WORD, MEMBER(output), "Same as -output" },
	{ "output", OWN_WORD, MEMBER(output), "File to write the report to" },
	{ "seconds", OWN_NUMBER, MEMBER(seconds), "Duration to ask a server for" },
	{ "symbolize", OWN_WORD, MEMBER(symbolize),
	  "Where names come from: none, local, remote, force, demangle=..." },
	{ "timeout", OWN_NUMBER, MEMBER(timeout_seconds),
	  "Seconds to wait for a server" },
	{ "tls_ca", OWN_WORD, MEMBER(fetch.tls_ca), "Authorities to trust, PEM file" },
	{ "tls_cert", OWN_WORD, MEMBER(fetch.tls_cert), "Client certificate, PEM file" },
	{ "tls_key", OWN_WORD, MEMBER(fetch.tls_key), "Private key, PEM file" },
	{ "tools", OWN_WORD, MEMBER(tools),
	  "Accepted for pprof's sake: program files are read without tools" },
};

#undef MEMBER

// Names of older pprofs for values of a sample.
struct legacy_flag {
	const char *name, *index;
};

static const struct legacy_flag legacy_flags[] = {
	{ "total_delay", "delay" },           { "mean_delay", "delay" },
	{ "contentions", "contentions" },     { "inuse_space", "inuse_space" },
	{ "inuse_objects", "inuse_objects" }, { "alloc_space", "alloc_space" },
	{ "alloc_objects", "alloc_objects" },
};

// One word of argv taken apart.
struct flag_word {
	struct str name, value;
	bool has_value; // behind '='
};

struct report_flags report_flags_default(void)
{
	return (struct report_flags){
		.request = {
			.options = report_options_default(),
			.symbolize = "",
			.build_id = "",
			.comment = "",
			.seconds = -1,
			.timeout_seconds = -1,
		},
	};
}

void report_flags_deinit(struct report_flags *flags)
{
	report_request_deinit(&flags->request);
}

static bool split(const char *word, struct flag_word *out)
{
	struct str rest = str_from(word);

	if (rest.n < 2 || rest.p[0] != '-')
		return false;
	rest = str_after(rest, rest.p[1] == '-' ? 2 : 1);
	if (rest.n == 0 || rest.p[0] == '-' || rest.p[0] == '=')
		return false;

	ptrdiff_t equals = str_find_char(rest, '=');

	out->has_value = equals != STR_NOT_FOUND;
	out->name = out->has_value ? str_slice(rest, 0, (size_t)equals) : rest;
	out->value = out->has_value ? str_after(rest, (size_t)equals + 1)
				    : (struct str){ NULL, 0 };
	return true;
}

// The value behind '=' or in the next word.
static bool take_value(struct flag_word *flag, int argc, char **argv, int *next,
		       struct error *err)
{
	if (flag->has_value)
		return true;
	if (*next >= argc)
		return error_set(err, ERROR_USAGE, "flag needs an argument: -%.*s",
				 (int)flag->name.n, flag->name.p);
	flag->value = str_from(argv[(*next)++]);
	return true;
}

static bool take_truth(const struct flag_word *flag, bool *out, struct error *err)
{
	*out = true;
	if (!flag->has_value || report_option_parse_bool(flag->value, out))
		return true;
	return error_set(err, ERROR_USAGE, "invalid boolean value \"%.*s\" for -%.*s",
			 (int)flag->value.n, flag->value.p, (int)flag->name.n,
			 flag->name.p);
}

static void add_word(const char ***words, size_t *count, size_t *capacity,
		     const char *word)
{
	*words = table_reserve(*words, capacity, *count + 1, sizeof(*words));
	(*words)[(*count)++] = word;
}

void report_flags_add_source(struct report_flags *flags, const char *word)
{
	struct report_request *request = &flags->request;

	add_word(&request->sources, &request->source_count, &request->source_capacity,
		 word);
}

static bool take_format(struct report_flags *flags, const struct report_format *format,
			struct flag_word *flag, int argc, char **argv, int *next,
			struct error *err)
{
	bool is_chosen = true;

	if (format->has_symbol) {
		if (!take_value(flag, argc, argv, next, err))
			return false;
		flags->request.options.symbol = flag->value;
		is_chosen = flag->value.n > 0;
	} else if (!take_truth(flag, &is_chosen, err)) {
		return false;
	}
	if (is_chosen) {
		flags->formats += flags->request.format != format;
		flags->request.format = format;
	}
	return true;
}

static bool take_option(struct report_flags *flags, const struct report_option *option,
			struct flag_word *flag, int argc, char **argv, int *next,
			struct error *err)
{
	bool is_chosen = true;

	switch (option->kind) {
	case OPTION_BOOL:
	case OPTION_SORT:
	case OPTION_GRANULARITY:
		if (!take_truth(flag, &is_chosen, err))
			return false;
		if (!flag->has_value)
			flag->value = STR("true");
		break;
	case OPTION_INT:
	case OPTION_DOUBLE:
	case OPTION_STRING:
		if (!take_value(flag, argc, argv, next, err))
			return false;
	}
	if (is_chosen && option->kind == OPTION_SORT)
		flags->sorts |= 1u << option->choice;
	if (is_chosen && option->kind == OPTION_GRANULARITY)
		flags->granularities |= 1u << option->choice;
	return report_option_set(option, flag->value, &flags->request.options, err);
}

static bool take_base(struct report_flags *flags, const char *word, bool is_diff,
		      struct error *err)
{
	struct report_request *request = &flags->request;

	if (*word == '\0')
		return true;
	if (request->base_count > 0 && request->is_diff_base != is_diff)
		return error_set(err, ERROR_USAGE,
				 "-base and -diff_base flags cannot both be specified");
	request->is_diff_base = is_diff;
	add_word(&request->bases, &request->base_count, &request->base_capacity, word);
	return true;
}

static bool take_own(struct report_flags *flags, const struct own_flag *own,
		     struct flag_word *flag, int argc, char **argv, int *next,
		     struct error *err)
{
	void *member = (char *)&flags->request + own->offset;
	struct fetch_options *fetch = &flags->request.fetch;

	if (own->kind == OWN_TRUTH)
		return take_truth(flag, member, err);
	if (!take_value(flag, argc, argv, next, err))
		return false;
	switch (own->kind) {
	case OWN_WORD:
		*(const char **)member = flag->value.p;
		return true;
	case OWN_BASE:
		return take_base(flags, flag->value.p, own->name[0] == 'd', err);
	case OWN_HEADER:
		add_word(&fetch->headers, &fetch->header_count, &fetch->header_capacity,
			 flag->value.p);
		return true;
	case OWN_NUMBER:
	case OWN_TRUTH:
		break;
	}
	if (str_to_i64(flag->value, 0, member))
		return true;
	return error_set(err, ERROR_USAGE,
			 "invalid value \"%s\" for flag -%s: parse error: give a number",
			 flag->value.p, own->name);
}

static bool take_legacy(struct report_flags *flags, const struct legacy_flag *legacy,
			const struct flag_word *flag, struct error *err)
{
	bool is_chosen;

	if (!take_truth(flag, &is_chosen, err))
		return false;
	if (is_chosen)
		flags->legacy |= 1u << (legacy - legacy_flags);
	return true;
}

// -sample_index wins over the older names, wherever it stands.
static void apply_legacy(unsigned chosen, struct report_options *options)
{
	for (size_t i = 0; i < sizeof(legacy_flags) / sizeof(legacy_flags[0]); i++) {
		if ((chosen >> i & 1) == 0)
			continue;
		if (strcmp(legacy_flags[i].name, "mean_delay") == 0)
			options->mean = true;
		if (options->sample_index.n == 0)
			options->sample_index = str_from(legacy_flags[i].index);
		else
			log_warn("Multiple value selections, ignoring -%s",
				 legacy_flags[i].name);
	}
}

static const struct own_flag *find_own(struct str name)
{
	for (size_t i = 0; i < sizeof(own_flags) / sizeof(own_flags[0]); i++) {
		if (str_equal(name, str_from(own_flags[i].name)))
			return &own_flags[i];
	}
	return NULL;
}

static const struct legacy_flag *find_legacy(struct str name)
{
	for (size_t i = 0; i < sizeof(legacy_flags) / sizeof(legacy_flags[0]); i++) {
		if (str_equal(name, str_from(legacy_flags[i].name)))
			return &legacy_flags[i];
	}
	return NULL;
}

enum report_flag_outcome report_flags_take(struct report_flags *flags, int argc,
					   char **argv, int *at, struct error *err)
{
	struct flag_word flag;
	int next = *at + 1;
	bool is_taken;

	if (!split(argv[*at], &flag))
		return REPORT_FLAG_NONE;

	const struct report_format *format = report_format_find(flag.name);
	const struct report_option *option = report_option_find(flag.name);
	const struct own_flag *own = find_own(flag.name);
	const struct legacy_flag *legacy = find_legacy(flag.name);

	if (format != NULL)
		is_taken = take_format(flags, format, &flag, argc, argv, &next, err);
	else if (option != NULL)
		is_taken = take_option(flags, option, &flag, argc, argv, &next, err);
	else if (own != NULL)
		is_taken = take_own(flags, own, &flag, argc, argv, &next, err);
	else if (legacy != NULL)
		is_taken = take_legacy(flags, legacy, &flag, err);
	else
		return REPORT_FLAG_UNKNOWN;
	if (!is_taken)
		return REPORT_FLAG_WRONG;
	*at = next;
	return REPORT_FLAG_TAKEN;
}

bool report_flags_finish(struct report_flags *flags, struct error *err)
{
	struct report_request *request = &flags->request;

	if (flags->formats > 1)
		return error_set(err, ERROR_USAGE, "must set at most one output format");
	if (__builtin_popcount(flags->sorts) > 1)
		return error_set(err, ERROR_USAGE, "conflicting options set: [cum flat]");
	if (__builtin_popcount(flags->granularities) > 1)
		return error_set(err, ERROR_USAGE,
				 "conflicting options set: choose one of functions, "
				 "filefunctions, files, lines, addresses");
	if (request->options.normalize && request->base_count == 0)
		return error_set(err, ERROR_USAGE,
				 "must have base profile to normalize by");
	if (request->http != NULL && request->format != NULL)
		return error_set(err, ERROR_USAGE,
				 "-http is not compatible with an output format on the "
				 "command line");
	if (request->tools != NULL)
		log_info("-tools=%s is not needed: goprof reads program files itself",
			 request->tools);
	if (request->no_browser && request->http == NULL)
		return error_set(err, ERROR_USAGE,
				 "-no_browser only makes sense with -http");
	apply_legacy(flags->legacy, &request->options);
	return true;
}

static const char *option_value(enum report_option_kind kind)
{
	switch (kind) {
	case OPTION_BOOL:
	case OPTION_SORT:
	case OPTION_GRANULARITY:
		return NULL;
	case OPTION_INT:
		return "N";
	case OPTION_DOUBLE:
		return "X";
	case OPTION_STRING:
		return "TEXT";
	}
	return NULL;
}

static const char *own_value(enum own_kind kind)
{
	switch (kind) {
	case OWN_NUMBER:
		return "N";
	case OWN_TRUTH:
		return NULL;
	case OWN_WORD:
		return "TEXT";
	case OWN_HEADER:
		return "HEADER";
	case OWN_BASE:
		return "FILE";
	}
	return NULL;
}

void report_flags_visit(struct report_flag_visitor *visitor)
{
	size_t count;
	const struct report_format *formats = report_format_table(&count);

	for (size_t i = 0; i < count; i++) {
		const char *value = formats[i].has_symbol ? "REGEXP" : NULL;

		visitor->visit(visitor,
			       &(struct report_flag_row){ formats[i].name, value,
							  formats[i].help, true });
	}

	const struct report_option *options = report_option_table(&count);

	for (size_t i = 0; i < count; i++) {
		const char *value = option_value(options[i].kind);

		visitor->visit(visitor,
			       &(struct report_flag_row){ options[i].name, value,
							  options[i].help, false });
	}
	for (size_t i = 0; i < sizeof(own_flags) / sizeof(own_flags[0]); i++) {
		const char *value = own_value(own_flags[i].kind);

		visitor->visit(visitor,
			       &(struct report_flag_row){ own_flags[i].name, value,
							  own_flags[i].help, false });
	}
}
