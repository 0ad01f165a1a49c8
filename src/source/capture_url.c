// Completes the URL with the kind and asks.
#include "source/capture_url.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "base/writer.h"
#include "source/fetch.h"
#include "source/url.h"

bool capture_url_is(const char *word)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct url_wish wish = { 0 };
	struct url url;

	return url_parse(word, &wish, &arena, &url);
}

// Whether a word names a host and nothing behind it.
static bool is_bare(struct str word)
{
	ptrdiff_t scheme = str_find(word, STR("://"));
	struct str rest = scheme < 0 ? word : str_after(word, (size_t)scheme + 3);
	ptrdiff_t slash = str_find_char(rest, '/');

	return slash < 0 || (size_t)slash + 1 == rest.n;
}

static struct str complete(const struct capture_url_request *request, struct arena *arena)
{
	struct str word = str_from(request->word);

	if (is_bare(word)) {
		while (str_ends_with(word, STR("/")))
			word.n--;
		word = str_format(arena, "%.*s/debug/pprof/%s", (int)word.n, word.p,
				  request->kind);
	}
	if (request->debug > 0)
		word = str_format(arena, "%.*s%cdebug=%d", (int)word.n, word.p,
				  str_find_char(word, '?') < 0 ? '?' : '&',
				  request->debug);
	return word;
}

static bool ask(const struct capture_url_request *request, struct fetch *fetch,
		struct error *err)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct url_wish wish = { .seconds = (int64_t)request->seconds };
	struct str word = complete(request, &arena);
	struct url url;

	if (!url_parse(str_terminated(&arena, word), &wish, &arena, &url))
		return error_set(err, ERROR_USAGE, "%s: is no URL", request->word);
	fetch->url = &url;
	fetch_all(fetch, 1, request->options, NULL);
	fetch->url = NULL;
	if (fetch->is_done)
		return true;
	*err = fetch->err;
	return error_wrap(err, "%.*s", (int)url.text.n, url.text.p);
}

bool capture_url_save(const struct capture_url_request *request, struct writer *out,
		      struct error *err)
{
	struct fetch fetch = { .sink = out };
	bool is_fetched = ask(request, &fetch, err);

	fetch_deinit(&fetch, 1);
	// A disk that is full is the cause of a transfer that ends.
	return (out->errnum == 0 && !is_fetched) ? false : writer_finish(out, err);
}

bool capture_url_fetch(const struct capture_url_request *request, uint8_t **bytes,
		       size_t *size, struct error *err)
{
	struct fetch fetch = { 0 };

	if (!ask(request, &fetch, err))
		return false;
	*bytes = fetch.bytes;
	*size = fetch.size;
	return true;
}
