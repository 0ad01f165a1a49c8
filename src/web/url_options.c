// Finds each parameter in the table of options.
#include "web/url_options.h"

#include "base/arena.h"
#include "base/error.h"
#include "http/query.h"
#include "http/request.h"
#include "report/options.h"

// Several choices share a parameter, whose value is the choice's name.
static bool is_meant(const struct report_option *option, struct str name,
		     struct str *value)
{
	if (option->url == NULL || !str_equal(name, str_from(option->url)))
		return false;
	if (option->kind != OPTION_SORT && option->kind != OPTION_GRANULARITY)
		return true;
	if (!str_equal(*value, str_from(option->name)))
		return false;
	*value = STR("true");
	return true;
}

static bool take(struct str name, struct str value, struct report_options *out,
		 struct error *err)
{
	size_t count;
	const struct report_option *options = report_option_table(&count);

	if (str_equal(name, STR("symbol")))
		out->symbol = value;
	for (size_t i = 0; i < count; i++) {
		if (is_meant(&options[i], name, &value))
			return report_option_set(&options[i], value, out, err);
	}
	return true;
}

bool url_options_take(struct str query, struct arena *arena, struct report_options *out,
		      struct error *err)
{
	struct str name, value;

	while (http_query_next(&query, &name, &value)) {
		char *text = str_terminated(arena, value);
		size_t size = value.n;

		if (!http_query_unescape(text, &size, HTTP_PLUS_IS_BLANK))
			return error_set(err, ERROR_USAGE,
					 "the address has a bad escape in %.*s",
					 (int)name.n, name.p);
		text[size] = '\0';
		if (!take(name, (struct str){ text, size }, out, err))
			return false;
	}
	return true;
}
