// All expressions of a report, compiled first and applied in pprof's order.
#include "profile/filter_apply.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/regexp.h"
#include "profile/filter.h"
#include "profile/label_filter.h"
#include "profile/prune.h"

struct compiled {
	struct regexp *focus, *ignore, *hide, *show, *show_from, *prune_from;
	struct regexp *tag_show, *tag_hide;
	struct label_expression *tag_focus, *tag_ignore;
};

static bool compile(const char *name, struct str pattern, struct regexp **out,
		    struct error *err)
{
	if (pattern.n == 0 || regexp_create(pattern, out, err))
		return true;
	return error_wrap(err, "parsing %s regexp", name);
}

static bool compile_label(const char *name, struct str text,
			  struct label_expression **out, struct error *err)
{
	return text.n == 0 || label_expression_create(name, text, out, err);
}

static bool compile_all(const struct filter_options *options, struct compiled *c,
			struct error *err)
{
	return compile("focus", options->focus, &c->focus, err) &&
	       compile("ignore", options->ignore, &c->ignore, err) &&
	       compile("hide", options->hide, &c->hide, err) &&
	       compile("show", options->show, &c->show, err) &&
	       compile("show_from", options->show_from, &c->show_from, err) &&
	       compile_label("tagfocus", options->tag_focus, &c->tag_focus, err) &&
	       compile_label("tagignore", options->tag_ignore, &c->tag_ignore, err) &&
	       compile("prune_from", options->prune_from, &c->prune_from, err) &&
	       compile("tagshow", options->tag_show, &c->tag_show, err) &&
	       compile("taghide", options->tag_hide, &c->tag_hide, err);
}

static void destroy_all(struct compiled *c)
{
	regexp_destroy(c->focus);
	regexp_destroy(c->ignore);
	regexp_destroy(c->hide);
	regexp_destroy(c->show);
	regexp_destroy(c->show_from);
	regexp_destroy(c->prune_from);
	regexp_destroy(c->tag_show);
	regexp_destroy(c->tag_hide);
	label_expression_destroy(c->tag_focus);
	label_expression_destroy(c->tag_ignore);
}

static void warn(const struct filter_listener *listener, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(const struct filter_listener *listener, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	listener->warn(listener->context, str_from(text));
}

static void tell_range(const struct filter_listener *listener, const char *name,
		       const struct label_expression *expression)
{
	struct str range =
		expression == NULL ? STR("") : label_expression_range(expression);

	if (range.n > 0)
		warn(listener, "%s:Interpreted '%.*s' as range, not regexp", name,
		     (int)range.n, range.p);
}

// `expression` is what was compiled; NULL needs no match.
static void tell_match(const struct filter_listener *listener, const char *name,
		       const void *expression, bool has_matched)
{
	if (expression != NULL && !has_matched)
		warn(listener, "%s expression matched no samples", name);
}

static void apply_names(struct profile *profile, const struct compiled *c,
			const struct filter_listener *listener)
{
	struct filter_names names = { c->focus, c->ignore, c->hide, c->show };
	struct filter_matched matched = filter_by_name(profile, &names);

	tell_match(listener, "Focus", c->focus, matched.focus);
	tell_match(listener, "Ignore", c->ignore, matched.ignore);
	tell_match(listener, "Hide", c->hide, matched.hide);
	tell_match(listener, "Show", c->show, matched.show);
	if (c->show_from != NULL)
		tell_match(listener, "ShowFrom", c->show_from,
			   filter_show_from(profile, c->show_from));
}

static void apply_labels(struct profile *profile, const struct compiled *c,
			 const struct filter_listener *listener)
{
	struct label_filter_matched matched =
		label_filter_samples(profile, c->tag_focus, c->tag_ignore);
	struct label_filter_seen seen;

	tell_match(listener, "TagFocus", c->tag_focus, matched.focus);
	tell_match(listener, "TagIgnore", c->tag_ignore, matched.ignore);
	seen = label_filter_keys(profile, c->tag_show, c->tag_hide);
	tell_match(listener, "TagShow", c->tag_show, seen.show);
	tell_match(listener, "TagHide", c->tag_hide, seen.hide);
}

bool filter_apply(struct profile *profile, const struct filter_options *options,
		  const struct filter_listener *listener, struct error *err)
{
	struct compiled compiled = { 0 };
	bool is_ok = compile_all(options, &compiled, err);

	if (is_ok) {
		tell_range(listener, "tagfocus", compiled.tag_focus);
		tell_range(listener, "tagignore", compiled.tag_ignore);
		apply_names(profile, &compiled, listener);
		apply_labels(profile, &compiled, listener);
		if (compiled.prune_from != NULL)
			prune_from(profile, compiled.prune_from);
	}
	destroy_all(&compiled);
	return is_ok;
}
