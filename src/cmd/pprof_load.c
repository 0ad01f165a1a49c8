// Loads profiles as pprof does: fetch, merge, base, symbolize, prune.
#include "cmd/pprof_load.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "binary/symbolize.h"
#include "cmd/report_request.h"
#include "profile/merge.h"
#include "profile/profile.h"
#include "profile/prune.h"
#include "source/source.h"

static bool is_program(const char *path)
{
	static const char elf_magic[] = { 0x7f, 'E', 'L', 'F' };
	CLEANUP_FILE FILE *file = fopen(path, "rbe");
	char magic[sizeof(elf_magic)];

	return file != NULL && fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
	       memcmp(magic, elf_magic, sizeof(magic)) == 0;
}

// Reads each source and merges them; those that fail are named and left out.
static bool read_all(const char **paths, size_t count, const char *what,
		     struct profile **out, struct error *err)
{
	size_t capacity = 0, good = 0;
	CLEANUP_FREE struct profile **profiles =
		table_reserve(NULL, &capacity, count, sizeof(struct profile *));

	for (size_t i = 0; i < count; i++) {
		if (source_read_file(paths[i], &profiles[good], err))
			good++;
		else if (count == 1)
			return false;
		else
			log_warn("%s", err->text);
	}
	if (good == 0)
		return error_set(err, ERROR_NOT_FOUND, "failed to fetch any %s profiles",
				 what);
	if (good < count)
		log_warn("Fetched %zu %s profiles out of %zu", good, what, count);
	return merge_take(profiles, good, out, err);
}

static bool subtract_base(const struct report_request *request, struct profile **profile,
			  struct error *err)
{
	struct merge_base_options options = {
		.is_diff = request->is_diff_base,
		.normalize = request->options.normalize,
	};
	struct profile *base;

	if (request->base_count == 0)
		return true;
	return read_all(request->bases, request->base_count, "base", &base, err) &&
	       merge_base_take(profile, base, &options, err);
}

static bool choose_style(struct str words, enum demangle_style *style)
{
	if (str_equal(words, STR("none")))
		*style = DEMANGLE_NONE;
	else if (str_equal(words, STR("templates")))
		*style = DEMANGLE_TEMPLATES;
	else if (str_equal(words, STR("full")))
		*style = DEMANGLE_FULL;
	else if (!str_equal(words, STR("default")))
		return false;
	return true;
}

enum symbolizing { SYMBOLIZE_LOCALLY, SYMBOLIZE_NOT };

// The words of -symbolize, separated by colons.
static bool parse_symbolize(const char *words, struct symbolize_options *options,
			    enum symbolizing *symbolizing, struct error *err)
{
	struct str rest = str_from(words), word;

	*symbolizing = SYMBOLIZE_LOCALLY;
	while (str_cut(&rest, ':', &word)) {
		if (str_equal(word, STR("none")) || str_equal(word, STR("no"))) {
			*symbolizing = SYMBOLIZE_NOT;
		} else if (str_equal(word, STR("force"))) {
			options->force = true;
		} else if (str_starts_with(word, STR("demangle="))) {
			if (!choose_style(str_after(word, 9), &options->style))
				return error_set(err, ERROR_USAGE,
						 "-symbolize=%.*s: demangle is one of "
						 "none, full, templates, default",
						 (int)word.n, word.p);
			options->force = true;
		} else if (word.n > 0 && !str_equal(word, STR("local")) &&
			   !str_equal(word, STR("fastlocal")) &&
			   !str_equal(word, STR("remote"))) {
			return error_set(err, ERROR_USAGE,
					 "-symbolize=%.*s: use none, local, force or "
					 "demangle=STYLE",
					 (int)word.n, word.p);
		}
	}
	return true;
}

static bool add_names(struct profile *profile, const struct report_request *request,
		      const char *binary, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct symbolize_options options = { .binary = str_from(binary) };
	enum symbolizing symbolizing;

	if (!parse_symbolize(request->symbolize, &options, &symbolizing, err))
		return false;
	if (symbolizing == SYMBOLIZE_LOCALLY)
		(void)symbolize_profile(profile, &options, &scratch);
	return true;
}

static bool finish(struct profile *profile, const struct report_request *request,
		   const char *binary, struct error *err)
{
	if (!add_names(profile, request, binary, err) ||
	    !prune_uninteresting(profile, err))
		return false;
	if (profile->mapping_count > 0 && profile->mappings[0].build_id == 0)
		profile->mappings[0].build_id =
			profile_intern(profile, str_from(request->build_id));
	if (*request->comment != '\0')
		profile_add_comment(profile, str_from(request->comment));
	return true;
}

bool pprof_load(const struct report_request *request, struct profile **out,
		struct error *err)
{
	bool has_binary = request->source_count > 1 && is_program(request->sources[0]);
	const char *binary = has_binary ? request->sources[0] : NULL;
	struct profile *profile = NULL;

	if (!read_all(request->sources + has_binary, request->source_count - has_binary,
		      "source", &profile, err))
		return false;
	if (!subtract_base(request, &profile, err) ||
	    !finish(profile, request, binary, err)) {
		if (profile != NULL)
			profile_destroy(profile);
		return false;
	}
	*out = profile;
	return true;
}
