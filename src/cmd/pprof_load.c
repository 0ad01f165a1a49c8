// Loads profiles as pprof does: fetch, merge, base, symbolize, prune.
#include "cmd/pprof_load.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "binary/symbolize.h"
#include "cmd/load_sources.h"
#include "cmd/report_request.h"
#include "profile/merge.h"
#include "profile/profile.h"
#include "profile/prune.h"
#include "source/debuginfod.h"
#include "source/remote_symbols.h"
#include "source/saved.h"

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

// Where names come from; both unless one is named.
struct symbol_origins {
	bool local, remote;
};

// Takes one word of -symbolize; false where it is none.
static bool take_origin(struct str word, struct symbol_origins *origins)
{
	if (str_equal(word, STR("none")) || str_equal(word, STR("no")))
		*origins = (struct symbol_origins){ 0 };
	else if (str_equal(word, STR("local")) || str_equal(word, STR("fastlocal")))
		*origins = (struct symbol_origins){ .local = true };
	else if (str_equal(word, STR("remote")))
		*origins = (struct symbol_origins){ .remote = true };
	else
		return word.n == 0;
	return true;
}

// The words of -symbolize, separated by colons.
static bool parse_symbolize(const char *words, struct symbolize_options *options,
			    struct symbol_origins *origins, struct error *err)
{
	struct str rest = str_from(words), word;

	*origins = (struct symbol_origins){ .local = true, .remote = true };
	while (str_cut(&rest, ':', &word)) {
		if (str_equal(word, STR("force"))) {
			options->force = true;
		} else if (str_starts_with(word, STR("demangle="))) {
			if (!choose_style(str_after(word, 9), &options->style))
				return error_set(err, ERROR_USAGE,
						 "-symbolize=%.*s: demangle is one of "
						 "none, full, templates, default",
						 (int)word.n, word.p);
			options->force = true;
		} else if (!take_origin(word, origins)) {
			return error_set(err, ERROR_USAGE,
					 "-symbolize=%.*s: use none, local, remote, "
					 "force or demangle=STYLE",
					 (int)word.n, word.p);
		}
	}
	return true;
}

static void warn(struct remote_symbols_sink *sink, const char *text)
{
	(void)sink;
	log_warn("%s", text);
}

static bool add_names(struct loaded *loaded, const struct report_request *request,
		      struct pprof_findings *findings, struct error *err)
{
	struct symbolize_options options = { .binary = str_from(loaded->binary) };
	struct remote_symbols_sink sink = { warn };
	struct remote_symbols_options remote = { .fetch = &request->fetch };
	struct symbol_origins origins;
	struct debuginfod client;

	if (!parse_symbolize(request->symbolize, &options, &origins, err))
		return false;
	debuginfod_init(&client);
	options.modules.server = debuginfod_server(&client);
	if (origins.local)
		findings->symbols =
			symbolize_profile(loaded->profile, &options, &findings->arena);
	debuginfod_deinit(&client);
	remote.style = options.style;
	remote.force = options.force;
	if (origins.remote)
		remote_symbols_add(loaded->profile, &loaded->remote, &remote, &sink);
	return true;
}

static bool finish(struct loaded *loaded, const struct report_request *request,
		   struct pprof_findings *findings, struct error *err)
{
	struct profile *profile = loaded->profile;

	if (!add_names(loaded, request, findings, err) ||
	    !prune_uninteresting(profile, err))
		return false;
	if (profile->mapping_count > 0 && profile->mappings[0].build_id == 0)
		profile->mappings[0].build_id =
			profile_intern(profile, str_from(request->build_id));
	if (*request->comment != '\0')
		profile_add_comment(profile, str_from(request->comment));
	return true;
}

// A report is possible without the copy.
static void save(struct loaded *loaded)
{
	struct error err;
	struct str path;

	if (saved_write(loaded->profile, &loaded->arena, &path, &err))
		fprintf(stderr, "Saved profile in %.*s\n", (int)path.n, path.p);
	else
		log_warn("Could not save profile: %s", err.text);
}

static bool subtract_base(struct loaded *loaded, const struct report_request *request,
			  struct error *err)
{
	struct merge_base_options options = {
		.is_diff = request->is_diff_base,
		.normalize = request->options.normalize,
	};
	struct profile *base = loaded->base;

	loaded->base = NULL;
	return base == NULL || merge_base_take(&loaded->profile, base, &options, err);
}

bool pprof_load_subtract(const struct report_request *request, struct profile **profile,
			 struct error *err)
{
	struct report_request bases = *request;
	struct loaded loaded;
	bool is_done;

	if (request->base_count == 0)
		return true;
	bases.sources = request->bases;
	bases.source_count = request->base_count;
	bases.base_count = 0;
	if (!load_sources(&bases, &loaded, err)) {
		profile_destroy(*profile);
		*profile = NULL;
		return false;
	}
	loaded.base = loaded.profile;
	loaded.profile = *profile;
	is_done = subtract_base(&loaded, request, err);
	*profile = loaded.profile;
	loaded.profile = NULL;
	loaded_deinit(&loaded);
	return is_done;
}

bool pprof_load(const struct report_request *request, struct profile **out,
		struct error *err)
{
	struct pprof_findings findings = { 0 };
	bool is_loaded = pprof_load_with_findings(request, out, &findings, err);

	arena_deinit(&findings.arena);
	return is_loaded;
}

bool pprof_load_with_findings(const struct report_request *request, struct profile **out,
			      struct pprof_findings *findings, struct error *err)
{
	struct loaded loaded;
	bool is_loaded;

	if (!load_sources(request, &loaded, err))
		return false;
	is_loaded = subtract_base(&loaded, request, err) &&
		    finish(&loaded, request, findings, err);
	if (is_loaded) {
		if (loaded.has_remote)
			save(&loaded);
		*out = loaded.profile;
		loaded.profile = NULL;
	}
	loaded_deinit(&loaded);
	return is_loaded;
}
