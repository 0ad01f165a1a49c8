// Sorts sources into files and URLs, and reads both kinds.
#include "source/gather.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "source/fetch.h"
#include "source/source.h"

void gather_plan(struct gathered *items, size_t count, const struct url_wish *wish,
		 struct arena *arena)
{
	for (size_t i = 0; i < count; i++) {
		items[i].is_remote = access(items[i].word, F_OK) != 0 &&
				     url_parse(items[i].word, wish, arena, &items[i].url);
	}
}

// What a server that is no profiler says begins like a page, and is no secret.
static void explain_other(struct gathered *item, struct str bytes, struct error *why)
{
	bool is_page = bytes.n > 0 && bytes.p[0] == '<';

	if (why->code != ERROR_UNSUPPORTED) {
		error_set(&item->err, why->code,
			  "%s: not a whole profile: %s: fetch it again", item->word,
			  why->text);
		return;
	}
	error_set(&item->err, ERROR_FORMAT,
		  "%s: not a profile: the answer %s: give the URL of a profile, such as "
		  "http://HOST:PORT/debug/pprof/profile, heap or allocs",
		  item->word,
		  bytes.n == 0 ? "is empty"
		  : is_page    ? "is a web page"
			       : "begins like no format that is known");
}

static void take_answer(struct gathered *item, const struct fetch *fetch)
{
	struct str bytes = { (const char *)fetch->bytes, fetch->size };
	struct error why = { .code = ERROR_UNSUPPORTED };

	if (!fetch->is_done) {
		item->err = fetch->err;
		error_wrap(&item->err, "%s", item->word);
		return;
	}
	if (bytes.n == 0 || !source_decode(bytes, &item->profile, &why))
		explain_other(item, bytes, &why);
}

static void read_local(struct gathered *item)
{
	bool looks_remote = str_find(str_from(item->word), STR("://")) != STR_NOT_FOUND;

	if (looks_remote && access(item->word, F_OK) != 0)
		error_set(&item->err, ERROR_USAGE,
			  "%s: neither a file nor a URL: write http://HOST:PORT/PATH or "
			  "unix:///SOCKET/PATH",
			  item->word);
	else if (!source_read_file(item->word, &item->profile, &item->err))
		item->profile = NULL;
}

static void read_remote(struct gathered **items, size_t count,
			const struct fetch_options *options, struct fetch_watch *watch)
{
	struct fetch *fetches = table_zeroed(count, sizeof(struct fetch));

	for (size_t i = 0; i < count; i++)
		fetches[i].url = &items[i]->url;
	fetch_all(fetches, count, options, watch);
	for (size_t i = 0; i < count; i++)
		take_answer(items[i], &fetches[i]);
	fetch_deinit(fetches, count);
	free(fetches);
}

void gather_read(struct gathered *items, size_t count,
		 const struct fetch_options *options, struct fetch_watch *watch)
{
	struct gathered **remote = table_zeroed(count, sizeof(struct gathered *));
	size_t remote_count = 0;

	for (size_t i = 0; i < count; i++) {
		if (items[i].is_remote)
			remote[remote_count++] = &items[i];
		else
			read_local(&items[i]);
	}
	if (remote_count > 0)
		read_remote(remote, remote_count, options, watch);
	free(remote);
}
