// Options, proxies, headers and the callbacks of one request.
#include "source/fetch_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/version.h"
#include "base/writer.h"
#include "source/fetch.h"

enum { GRACE_SECONDS = 5, MAX_REDIRECTS = 10 };

double fetch_request_now(void)
{
	return (double)clock_now_ns() / 1e9;
}

static bool is_given(const char *path)
{
	return path != NULL && *path != '\0';
}

static void add_header(struct fetch_session *session, const char *line)
{
	struct curl_slist *longer = session->curl->slist_append(session->headers, line);

	if (longer == NULL)
		arena_out_of_memory(strlen(line));
	session->headers = longer;
}

static bool is_header(struct str line)
{
	ptrdiff_t colon = str_find_char(line, ':');

	if (colon <= 0 || str_find_char(str_slice(line, 0, (size_t)colon), ' ') >= 0)
		return false;
	return str_find_char(line, '\r') < 0 && str_find_char(line, '\n') < 0;
}

static bool add_headers(struct fetch_session *session, struct error *err)
{
	for (size_t i = 0; i < session->options->header_count; i++) {
		const char *line = session->options->headers[i];

		if (!is_header(str_from(line)))
			return error_set(err, ERROR_USAGE,
					 "-header \"%s\": write it as 'Name: value'",
					 line);
		add_header(session, line);
	}
	return true;
}

static bool add_token(struct fetch_session *session, struct error *err)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	const char *path = session->options->bearer_token_file;
	struct file_view view;
	struct str token;

	if (!is_given(path))
		return true;
	if (!file_view_open(path, &view, err))
		return error_wrap(err, "-bearer_token_file");
	token = str_trim(
		str_copy(&arena, (struct str){ (const char *)view.bytes, view.size }));
	file_view_close(&view);
	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] <= ' ' || token.p[i] >= 0x7f)
			token.n = 0;
	}
	if (token.n == 0)
		return error_set(err, ERROR_FORMAT,
				 "-bearer_token_file %s: it must be one line, a token "
				 "without blanks",
				 path);
	add_header(session,
		   str_format(&arena, "Authorization: Bearer %.*s", (int)token.n, token.p)
			   .p);
	return true;
}

static bool check_file(const char *flag, const char *path, struct error *err)
{
	if (!is_given(path) || access(path, R_OK) == 0)
		return true;
	return error_set(err, ERROR_NOT_FOUND,
			 "-%s %s: cannot read it: check its path and permissions", flag,
			 path);
}

static bool check_tls(const struct fetch_options *options, struct error *err)
{
	if (!is_given(options->tls_cert) && is_given(options->tls_key))
		return error_set(
			err, ERROR_USAGE,
			"-tls_key is specified, so -tls_cert must also be specified");
	if (is_given(options->tls_cert) && !is_given(options->tls_key))
		return error_set(
			err, ERROR_USAGE,
			"-tls_cert is specified, so -tls_key must also be specified");
	return check_file("tls_cert", options->tls_cert, err) &&
	       check_file("tls_key", options->tls_key, err) &&
	       check_file("tls_ca", options->tls_ca, err);
}

bool fetch_session_init(struct fetch_session *session, const struct curl_library *curl,
			const struct fetch_options *options, struct error *err)
{
	*session = (struct fetch_session){ .curl = curl, .options = options };
	if (check_tls(options, err) && add_headers(session, err) &&
	    add_token(session, err))
		return true;
	fetch_session_deinit(session);
	return false;
}

void fetch_session_deinit(struct fetch_session *session)
{
	if (session->headers != NULL)
		session->curl->slist_free_all(session->headers);
	session->headers = NULL;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
	struct fetch_request *request = (struct fetch_request *)user;
	struct fetch *fetch = request->fetch;
	size_t more = size * count;

	if (fetch->sink != NULL && strncmp(request->status, "200", 3) == 0) {
		writer_bytes(fetch->sink, bytes, more);
		fetch->size += more;
		// A disk that is full: the rest is not wanted.
		return fetch->sink->errnum == 0 ? more : 0;
	}
	if (more > FETCH_LIMIT - fetch->size) {
		request->is_too_large = true;
		return 0;
	}
	fetch->bytes =
		table_reserve(fetch->bytes, &request->capacity, fetch->size + more, 1);
	memcpy(fetch->bytes + fetch->size, bytes, more);
	fetch->size += more;
	return more;
}

// A status line begins an answer anew: those before it were redirections.
static void begin_answer(struct fetch_request *request, struct str line)
{
	ptrdiff_t blank = str_find_char(line, ' ');
	struct str status = blank < 0 ? STR("") : str_after(line, (size_t)blank + 1);

	snprintf(request->status, sizeof(request->status), "%.*s", (int)status.n,
		 status.p);
	request->is_from_pprof = request->is_plain_text = false;
}

static bool is_named(struct str line, struct str name)
{
	return line.n > name.n && line.p[name.n] == ':' &&
	       strncasecmp(line.p, name.p, name.n) == 0;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
	struct fetch_request *request = (struct fetch_request *)user;
	struct str line = str_trim((struct str){ bytes, size * count });

	if (str_starts_with(line, STR("HTTP/")))
		begin_answer(request, line);
	else if (is_named(line, STR("X-Go-Pprof")))
		request->is_from_pprof = true;
	else if (is_named(line, STR("Content-Type")))
		request->is_plain_text = str_find(line, STR("text/plain")) >= 0;
	return size * count;
}

// Ends a request whose server has been silent for too long.
static int watch_silence(void *user, curl_off_t total, curl_off_t received,
			 curl_off_t upload_total, curl_off_t uploaded)
{
	struct fetch_request *request = (struct fetch_request *)user;
	double now = fetch_request_now();
	int64_t limit = request->fetch->url->timeout_seconds + GRACE_SECONDS;

	(void)total;
	(void)upload_total;
	if (received + uploaded != request->received) {
		request->received = received + uploaded;
		request->last_news = now;
	}
	request->is_stalled = now - request->last_news > (double)limit;
	return request->is_stalled;
}

static bool is_loopback(struct str host)
{
	return str_equal(host, STR("localhost")) || str_equal(host, STR("::1")) ||
	       str_starts_with(host, STR("127."));
}

// libcurl reads the other variables itself. HTTP_PROXY is believed only where no CGI
// server can have made it from a header.
static const char *chosen_proxy(const struct url *url)
{
	if (url->socket.n > 0 || is_loopback(url->host))
		return "";
	if (!str_starts_with(url->request, STR("http:")) ||
	    getenv("http_proxy") != NULL || getenv("REQUEST_METHOD") != NULL)
		return NULL;
	return getenv("HTTP_PROXY");
}

static void set_place(const struct curl_library *curl, CURL *easy, const struct url *url)
{
	const char *proxy = chosen_proxy(url);

	curl->easy_setopt(easy, CURLOPT_URL, url->request.p);
	curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	if (url->socket.n > 0)
		curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, url->socket.p);
	if (proxy != NULL)
		curl->easy_setopt(easy, CURLOPT_PROXY, proxy);
}

static void set_tls(const struct curl_library *curl, CURL *easy, const struct url *url,
		    const struct fetch_options *options)
{
	curl->easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (url->is_insecure) {
		curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (is_given(options->tls_cert)) {
		curl->easy_setopt(easy, CURLOPT_SSLCERT, options->tls_cert);
		curl->easy_setopt(easy, CURLOPT_SSLKEY, options->tls_key);
	}
	if (is_given(options->tls_ca)) {
		curl->easy_setopt(easy, CURLOPT_CAINFO, options->tls_ca);
		curl->easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
}

static void set_callbacks(const struct curl_library *curl, struct fetch_request *request)
{
	CURL *easy = request->easy;

	curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, request->cause);
	curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl->easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl->easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch_silence);
	curl->easy_setopt(easy, CURLOPT_XFERINFODATA, request);
}

static void set_request(struct fetch_request *request)
{
	const struct curl_library *curl = request->session->curl;
	struct curl_slist *headers = request->session->headers;
	struct str post = request->fetch->post;
	CURL *easy = request->easy;

	curl->easy_setopt(easy, CURLOPT_USERAGENT, version_agent);
	if (request->session->options->connect_ms > 0)
		curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				  (long)request->session->options->connect_ms);
	curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, headers == NULL ? 1L : 0L);
	curl->easy_setopt(easy, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
	if (headers != NULL)
		curl->easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (post.p != NULL) {
		curl->easy_setopt(easy, CURLOPT_POST, 1L);
		curl->easy_setopt(easy, CURLOPT_POSTFIELDS, post.p);
		curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post.n);
	}
}

bool fetch_request_init(struct fetch_request *request,
			const struct fetch_session *session, struct fetch *fetch)
{
	*request = (struct fetch_request){
		.session = session,
		.fetch = fetch,
		.easy = session->curl->easy_init(),
		.last_news = fetch_request_now(),
	};
	if (request->easy == NULL)
		return false;
	set_place(session->curl, request->easy, fetch->url);
	set_tls(session->curl, request->easy, fetch->url, session->options);
	set_callbacks(session->curl, request);
	set_request(request);
	return true;
}

void fetch_request_deinit(struct fetch_request *request)
{
	if (request->easy != NULL)
		request->session->curl->easy_cleanup(request->easy);
	request->easy = NULL;
}
