// The cache first, then each server in turn.
#include "source/debuginfod.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "source/fetch.h"
#include "source/url.h"

enum {
	CONNECT_MS = 2000,
	SILENCE_SECONDS = 90, // DEBUGINFOD_TIMEOUT changes it
	MISS_SECONDS = 600,   // the file cache_miss_s in the cache changes it
	BUILD_ID_TEXT_MIN = 4,
	BUILD_ID_TEXT_MAX = 128,
};

static struct str choose_folder(struct arena *arena)
{
	const char *own = getenv("DEBUGINFOD_CACHE_PATH");
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (own != NULL && own[0] != '\0')
		return str_copy(arena, str_from(own));
	if (cache != NULL && cache[0] == '/')
		return str_format(arena, "%s/debuginfod_client", cache);
	if (home != NULL && home[0] == '/')
		return str_format(arena, "%s/.cache/debuginfod_client", home);
	return STR("");
}

static void add_urls(struct debuginfod *client, struct str words)
{
	struct str rest = words, word;
	size_t count = 0;

	while (str_cut(&rest, ' ', &word))
		count += word.n > 0;
	client->urls = arena_array(&client->arena, count, sizeof(*client->urls));
	client->is_dead = arena_array(&client->arena, count, sizeof(bool));
	while (str_cut(&words, ' ', &word)) {
		if (word.n > 0)
			client->urls[client->url_count++] =
				str_copy(&client->arena, word);
	}
}

// Seconds from an environment variable or a file's text.
static int64_t seconds_or(struct str text, int64_t otherwise)
{
	int64_t seconds;

	return str_to_i64(str_trim(text), 10, &seconds) && seconds >= 0 ? seconds
									: otherwise;
}

static int64_t miss_seconds(const struct debuginfod *client, struct arena *arena)
{
	struct str path = str_format(arena, "%.*s/cache_miss_s", (int)client->folder.n,
				     client->folder.p);
	struct file_view view;
	struct error ignored;
	int64_t seconds;

	if (!file_view_open_mapped(path.p, &view, &ignored))
		return MISS_SECONDS;
	seconds = seconds_or((struct str){ (const char *)view.bytes, view.size },
			     MISS_SECONDS);
	file_view_close(&view);
	return seconds;
}

enum cached {
	CACHED_NOT,
	CACHED_MISS, // no server had it lately
	CACHED_FILE,
};

static enum cached look_up(const struct debuginfod *client, struct str path,
			   struct arena *arena)
{
	struct stat st;

	if (stat(path.p, &st) != 0 || !S_ISREG(st.st_mode))
		return CACHED_NOT;
	if (st.st_size > 0)
		return CACHED_FILE;
	return time(NULL) - st.st_mtime < miss_seconds(client, arena) ? CACHED_MISS
								      : CACHED_NOT;
}

// Asks one server. Sets is_answered where it does not have the file and said so.
static bool ask(struct debuginfod *client, size_t row, struct str what,
		struct fetch *fetch, bool *is_answered)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct str base = client->urls[row];
	const char *patience = getenv("DEBUGINFOD_TIMEOUT");
	struct url_wish wish = { .timeout_seconds = seconds_or(str_from(patience),
							       SILENCE_SECONDS) };
	struct fetch_options options = { .connect_ms = CONNECT_MS };
	struct url url;

	while (base.n > 0 && base.p[base.n - 1] == '/')
		base.n--;
	if (!url_parse(str_format(&arena, "%.*s/%.*s", (int)base.n, base.p, (int)what.n,
				  what.p)
			       .p,
		       &wish, &arena, &url)) {
		client->is_dead[row] = true;
		return error_set(&fetch->err, ERROR_USAGE, "not a URL");
	}
	log_info("asking %.*s for %.*s", (int)base.n, base.p, (int)what.n, what.p);
	fetch->url = &url;
	fetch_all(fetch, 1, &options, NULL);
	fetch->url = NULL;
	if (fetch->is_done)
		return fetch->size > 0;
	*is_answered = fetch->is_answered;
	client->is_dead[row] = !fetch->is_answered;
	return false;
}

// Folders and file as debuginfod's own client makes them; a miss is an empty file.
static bool keep(const struct debuginfod *client, struct str folder, struct str path,
		 struct str bytes, struct error *err)
{
	for (size_t i = 1; i <= client->folder.n; i++) {
		CLEANUP_ARENA struct arena arena = { 0 };

		if (i < client->folder.n && client->folder.p[i] != '/')
			continue;
		mkdir(str_terminated(&arena, str_slice(client->folder, 0, i)), 0700);
	}
	if (mkdir(folder.p, 0700) != 0 && errno != EEXIST)
		return error_set_errno(err, errno, "%.*s", (int)folder.n, folder.p);
	return file_write(path.p, bytes, err);
}

// Asks those that answer until one has the file; the reason is the last one's.
static struct str fetch_file(struct debuginfod *client, struct str folder,
			     struct str path, struct str what, struct arena *arena,
			     struct str *reason)
{
	bool is_miss = true;

	*reason = STR("debuginfod: no server answers");
	for (size_t i = 0; i < client->url_count; i++) {
		struct fetch fetch = { 0 };
		bool is_answered = false, is_found;
		struct error err;

		if (client->is_dead[i]) {
			is_miss = false;
			continue;
		}
		is_found = ask(client, i, what, &fetch, &is_answered);
		if (is_found &&
		    !keep(client, folder, path,
			  (struct str){ (char *)fetch.bytes, fetch.size }, &err)) {
			*reason = str_copy(arena, str_from(err.text));
			is_found = is_miss = false;
		} else if (!is_found) {
			*reason = str_format(arena, "debuginfod: %.*s: %s",
					     (int)client->urls[i].n, client->urls[i].p,
					     fetch.err.text);
			is_miss &= is_answered;
		}
		fetch_deinit(&fetch, 1);
		if (is_found)
			return path;
	}
	if (is_miss) {
		struct error ignored;

		*reason = STR("debuginfod: no server has it");
		(void)keep(client, folder, path, STR(""), &ignored);
	}
	return STR("");
}

static struct str find(struct debug_server *server, enum debug_server_kind kind,
		       struct str build_id, struct arena *arena, struct str *reason)
{
	static const char *const words[] = {
		[DEBUG_SERVER_DEBUGINFO] = "debuginfo",
		[DEBUG_SERVER_EXECUTABLE] = "executable",
	};
	struct debuginfod *client = (struct debuginfod *)server;
	struct str folder, path;

	// The id becomes a part of paths: nothing but digits may be in it.
	for (size_t i = 0; i < build_id.n; i++) {
		if (strchr("0123456789abcdef", build_id.p[i]) == NULL)
			return STR("");
	}
	if (build_id.n < BUILD_ID_TEXT_MIN || build_id.n > BUILD_ID_TEXT_MAX ||
	    client->folder.n == 0)
		return STR("");
	folder = str_format(arena, "%.*s/%.*s", (int)client->folder.n, client->folder.p,
			    (int)build_id.n, build_id.p);
	path = str_format(arena, "%.*s/%s", (int)folder.n, folder.p, words[kind]);
	switch (look_up(client, path, arena)) {
	case CACHED_FILE:
		return path;
	case CACHED_MISS:
		*reason = STR("debuginfod: no server had it lately");
		return STR("");
	case CACHED_NOT:
		break;
	}
	return fetch_file(client, folder, path,
			  str_format(arena, "buildid/%.*s/%s", (int)build_id.n,
				     build_id.p, words[kind]),
			  arena, reason);
}

void debuginfod_init(struct debuginfod *client)
{
	*client = (struct debuginfod){ .server = { find } };
	client->folder = choose_folder(&client->arena);
	add_urls(client, str_from(getenv("DEBUGINFOD_URLS")));
}

void debuginfod_deinit(struct debuginfod *client)
{
	arena_deinit(&client->arena);
}

struct debug_server *debuginfod_server(struct debuginfod *client)
{
	return client->url_count > 0 ? &client->server : NULL;
}
