// Splits words into the parts of a URL by the rules of Go's net/url.
#include "source/url.h"

#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/writer.h"
#include "source/url_query.h"

#define CPU_PROFILE_PATH "/debug/pprof/profile"

enum { DEFAULT_TIMEOUT_SECONDS = 60 };

struct parts {
	struct str scheme, authority, path, query;
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

// Cuts "scheme:" off, where there is one; false on a colon at the start.
static bool cut_scheme(struct arena *arena, struct str *rest, struct str *scheme)
{
	size_t n = 0;
	char *bytes;

	*scheme = STR("");
	while (n < rest->n && (is_letter(rest->p[n]) ||
			       (n > 0 && (is_digit(rest->p[n]) || rest->p[n] == '+' ||
					  rest->p[n] == '-' || rest->p[n] == '.'))))
		n++;
	if (n == rest->n || rest->p[n] != ':')
		return true;
	if (n == 0)
		return false;
	bytes = str_terminated(arena, str_slice(*rest, 0, n));
	for (size_t i = 0; i < n; i++)
		bytes[i] = lower(bytes[i]);
	*scheme = (struct str){ bytes, n };
	*rest = str_after(*rest, n + 1);
	return true;
}

static struct str without_user(struct str authority)
{
	ptrdiff_t at = str_find_last_char(authority, '@');

	return at == STR_NOT_FOUND ? authority : str_after(authority, (size_t)at + 1);
}

// "host", "host:port" or "[v6]:port"; host without brackets.
static bool split_host(struct str authority, struct str *host)
{
	struct str place = without_user(authority), port;
	bool is_v6 = place.n > 0 && place.p[0] == '[';
	ptrdiff_t end = str_find_char(place, is_v6 ? ']' : ':');

	if (is_v6 && end == STR_NOT_FOUND)
		return false;
	*host = str_slice(place, is_v6, end == STR_NOT_FOUND ? place.n : (size_t)end);
	port = end == STR_NOT_FOUND ? STR("") : str_after(place, (size_t)end + is_v6);
	if (port.n > 0 && port.p[0] != ':')
		return false;
	for (size_t i = 1; i < port.n; i++) {
		if (!is_digit(port.p[i]))
			return false;
	}
	for (size_t i = 0; i < host->n; i++) {
		if (memchr(" \"<>\\^`{|}", host->p[i], 10) != NULL)
			return false;
	}
	return true;
}

static void cut_behind(struct str *rest, char mark, struct str *tail)
{
	ptrdiff_t at = str_find_char(*rest, mark);

	*tail = at == STR_NOT_FOUND ? STR("") : str_after(*rest, (size_t)at + 1);
	if (at != STR_NOT_FOUND)
		*rest = str_slice(*rest, 0, (size_t)at);
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	}
	return false;
}

// False where the text is no URL reference. "a:b" is scheme a with nothing that goprof
// knows behind it: all other parts are empty then.
static bool split(struct arena *arena, struct str text, struct parts *out)
{
	struct str rest = text, fragment, first, ignored;

	*out = (struct parts){ 0 };
	if (has_control(text))
		return false;
	cut_behind(&rest, '#', &fragment);
	if (!cut_scheme(arena, &rest, &out->scheme))
		return false;
	cut_behind(&rest, '?', &out->query);
	if (!str_starts_with(rest, STR("/"))) {
		first = rest;
		cut_behind(&first, '/', &ignored);
		return out->scheme.n > 0 || str_find_char(first, ':') == STR_NOT_FOUND;
	}
	if (str_starts_with(rest, STR("//"))) {
		ptrdiff_t slash;

		rest = str_after(rest, 2);
		slash = str_find_char(rest, '/');
		out->authority = str_slice(
			rest, 0, slash == STR_NOT_FOUND ? rest.n : (size_t)slash);
		rest = str_after(rest, out->authority.n);
	}
	out->path = rest;
	return url_unescape(arena, out->path, &ignored);
}

static bool is_unix(const struct parts *parts)
{
	return str_equal(parts->scheme, STR("unix")) ||
	       str_equal(parts->scheme, STR("http+unix"));
}

static bool is_socket(struct arena *arena, struct str path)
{
	struct stat status;

	return stat(str_terminated(arena, path), &status) == 0 &&
	       S_ISSOCK(status.st_mode);
}

// How much of the path names the socket: up to what is one on this machine, else up to
// where the request of a profiler begins, else all.
static size_t socket_length(struct arena *arena, struct str path)
{
	ptrdiff_t debug = str_find(path, STR("/debug/"));

	for (size_t i = 1; i <= path.n; i++) {
		if ((i == path.n || path.p[i] == '/') &&
		    is_socket(arena, str_slice(path, 0, i)))
			return i;
	}
	return debug > 0 ? (size_t)debug : path.n;
}

static bool take_socket(struct arena *arena, struct parts *parts, struct url *url)
{
	struct str name = parts->authority;

	if (name.n == 0) {
		name = str_slice(parts->path, 0, socket_length(arena, parts->path));
		parts->path = str_after(parts->path, name.n);
	}
	url->host = STR("localhost");
	if (name.n == 0 || !url_unescape(arena, name, &name))
		return false;
	url->socket = str_copy(arena, name);
	return memchr(name.p, '\0', name.n) == NULL;
}

// What may not stand in a request line is escaped.
static struct str escaped_path(struct arena *arena, struct str path)
{
	struct writer w = writer_to_memory();
	struct str result;

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (c <= ' ' || c >= 0x7f || memchr("\"<>\\^`{|}", c, 9) != NULL)
			writer_format(&w, "%%%02X", c);
		else
			writer_char(&w, (char)c);
	}
	result = str_copy(arena, writer_contents(&w));
	writer_deinit(&w);
	return result;
}

static struct str hide_password(struct arena *arena, struct str authority)
{
	struct str host = without_user(authority);
	struct str user = str_slice(authority, 0, authority.n - host.n);
	ptrdiff_t colon = str_find_char(user, ':');

	if (colon == STR_NOT_FOUND)
		return authority;
	return str_format(arena, "%.*s:xxxxx@%.*s", (int)colon, user.p, (int)host.n,
			  host.p);
}

static struct str put_together(struct arena *arena, struct str scheme,
			       struct str authority, const struct parts *parts)
{
	return str_format(arena, "%.*s://%.*s%.*s%s%.*s", (int)scheme.n, scheme.p,
			  (int)authority.n, authority.p, (int)parts->path.n,
			  parts->path.p, parts->query.n > 0 ? "?" : "",
			  (int)parts->query.n, parts->query.p);
}

static void write_texts(struct arena *arena, const struct parts *parts, struct url *url)
{
	struct str shown = hide_password(arena, parts->authority);
	struct str scheme = parts->scheme;

	if (url->socket.n > 0) {
		url->request = put_together(arena, STR("http"), url->host, parts);
		url->text = put_together(arena, STR("unix"), url->socket, parts);
		return;
	}
	url->is_insecure = str_equal(scheme, STR("https+insecure"));
	url->text = put_together(arena, scheme, shown, parts);
	if (url->is_insecure)
		scheme = STR("https");
	url->request = put_together(arena, scheme, parts->authority, parts);
}

static void apply_wish(const struct url_wish *wish, struct arena *arena,
		       struct parts *parts, struct url *url)
{
	url->seconds = wish->seconds > 0 ? wish->seconds
					 : url_query_seconds(arena, parts->query);
	parts->query = url_query_rewrite(arena, parts->query, wish->seconds);
	url->timeout_seconds = wish->timeout_seconds;
	if (url->timeout_seconds <= 0)
		url->timeout_seconds = url->seconds > 0 ? url->seconds + url->seconds / 2
							: DEFAULT_TIMEOUT_SECONDS;
}

// "host:6060" splits as scheme "host" or not at all, and is meant as http.
static bool split_word(struct arena *arena, struct str word, struct parts *parts)
{
	bool is_split = split(arena, word, parts);
	bool is_whole = parts->authority.n > 0 || parts->scheme.n == 0 ||
			str_equal(parts->scheme, STR("file")) || is_unix(parts);

	if ((is_split && is_whole) || str_find(word, STR("://")) != STR_NOT_FOUND)
		return is_split;
	return split(arena, str_format(arena, "http://%.*s", (int)word.n, word.p), parts);
}

bool url_parse(const char *word, const struct url_wish *wish, struct arena *arena,
	       struct url *out)
{
	struct url url = { 0 };
	struct parts parts;

	if (!split_word(arena, str_from(word), &parts))
		return false;
	if (is_unix(&parts)) {
		if (!take_socket(arena, &parts, &url))
			return false;
	} else if (parts.authority.n == 0 || !split_host(parts.authority, &url.host)) {
		return false;
	}
	url.host = str_copy(arena, url.host);
	if (parts.scheme.n == 0)
		parts.scheme = STR("http");
	if (parts.path.n == 0 || str_equal(parts.path, STR("/")))
		parts.path = STR(CPU_PROFILE_PATH);
	parts.path = escaped_path(arena, parts.path);
	apply_wish(wish, arena, &parts, &url);
	write_texts(arena, &parts, &url);
	*out = url;
	return true;
}

static bool is_known_path(struct str path)
{
	static const char *const gperftools[] = {
		"/pprof/heap",       "/pprof/growth",     "/pprof/profile",
		"/pprof/pmuprofile", "/pprof/contention",
	};

	if (str_find(path, STR("/debug/pprof/")) != STR_NOT_FOUND)
		return true;
	for (size_t i = 0; i < sizeof(gperftools) / sizeof(gperftools[0]); i++) {
		if (str_ends_with(path, str_from(gperftools[i])))
			return true;
	}
	return false;
}

// The text with the last step of its path replaced and without a query.
static struct str at_symbols(struct arena *arena, struct str text, const char *step)
{
	struct str bare = text, query;
	ptrdiff_t slash;

	cut_behind(&bare, '?', &query);
	while (str_ends_with(bare, STR("/")))
		bare.n--;
	slash = str_find_last_char(bare, '/');
	return str_format(arena, "%.*s%s", (int)slash + 1, bare.p, step);
}

struct url url_of_symbols(const struct url *profile, struct arena *arena)
{
	struct url url = *profile;
	struct str bare = profile->request, query;
	const char *step;

	cut_behind(&bare, '?', &query);
	step = is_known_path(bare) ? "symbol" : "symbolz";
	url.request = at_symbols(arena, profile->request, step);
	url.text = at_symbols(arena, profile->text, step);
	url.seconds = 0;
	return url;
}
