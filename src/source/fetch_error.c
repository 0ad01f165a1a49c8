// Turns libcurl's codes and HTTP's status into sentences.
#include "source/fetch_error.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "source/fetch.h"
#include "source/fetch_request.h"

enum { SHOWN_BODY = 300 };

struct remedy {
	CURLcode code;
	const char *text;
};

static const struct remedy remedies[] = {
	{ CURLE_UNSUPPORTED_PROTOCOL,
	  "give an HTTP server with http://, https://, https+insecure:// or unix://" },
	{ CURLE_URL_MALFORMAT, "write http://HOST:PORT/PATH" },
	{ CURLE_COULDNT_RESOLVE_PROXY, "check http_proxy, https_proxy and NO_PROXY" },
	{ CURLE_COULDNT_RESOLVE_HOST, "check the name of the host" },
	{ CURLE_COULDNT_CONNECT,
	  "check that the program runs and listens there, and the port" },
	{ CURLE_PEER_FAILED_VERIFICATION,
	  "give the server's authority with -tls_ca FILE, or use https+insecure://" },
	{ CURLE_SSL_CACERT_BADFILE, "-tls_ca must be a PEM file" },
	{ CURLE_SSL_CERTPROBLEM, "check -tls_cert and -tls_key: both must be PEM files" },
	{ CURLE_SSL_CONNECT_ERROR, "check that the server speaks https, or use http://" },
	{ CURLE_GOT_NOTHING, "check that it is an HTTP server; https:// may be needed" },
	{ CURLE_WEIRD_SERVER_REPLY, "check that it is an HTTP server" },
	{ CURLE_RECV_ERROR, "check the program's log and try again" },
	{ CURLE_PARTIAL_FILE, "check the program's log and try again" },
	{ CURLE_TOO_MANY_REDIRECTS, "check the URL" },
};

static const char *remedy_of(CURLcode code)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
		if (remedies[i].code == code)
			return remedies[i].text;
	}
	return "check the URL and try again";
}

static const char *status_remedy(long status, bool is_from_pprof)
{
	switch (status) {
	case 401:
	case 403:
	case 407:
		return "pass -bearer_token_file FILE or -header 'Name: value'";
	case 404:
		return is_from_pprof ? "see /debug/pprof/ for the profiles it has"
				     : "check the path: Go programs need import _ "
				       "\"net/http/pprof\"";
	case 409:
		return "wait until that has ended, and try again";
	default:
		return "see the program's log, and try again";
	}
}

// As much of the body as belongs in one line of a terminal.
static struct str shown_body(struct arena *arena, const struct fetch *fetch)
{
	struct str body = { (const char *)fetch->bytes, fetch->size };
	struct str line = str_copy(arena, str_slice(body, 0, SHOWN_BODY));
	char *bytes = (char *)line.p;

	for (size_t i = 0; i < line.n; i++) {
		if ((unsigned char)bytes[i] < ' ' || bytes[i] == 0x7f)
			bytes[i] = ' ';
	}
	return str_trim(line);
}

static bool refuse_redirect(struct fetch_request *request)
{
	char *target = NULL;

	request->session->curl->easy_getinfo(request->easy, CURLINFO_REDIRECT_URL,
					     &target);
	return error_set(&request->fetch->err, ERROR_PERMISSION,
			 "server response: %s: headers are sent only to the server "
			 "named; to send them on, pass its target: %s",
			 request->status, target == NULL ? "it names none" : target);
}

static bool judge_status(struct fetch_request *request)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct fetch *fetch = request->fetch;
	struct str body = STR("");
	long status = 0;

	request->session->curl->easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE,
					     &status);
	fetch->is_answered = true;
	if (status == 200)
		return true;
	if (status >= 300 && status < 400 && request->session->headers != NULL)
		return refuse_redirect(request);
	if (request->is_from_pprof && request->is_plain_text)
		body = shown_body(&arena, fetch);
	return error_set(&fetch->err, status == 404 ? ERROR_NOT_FOUND : ERROR_SYSTEM,
			 "server response: %s%s%.*s: %s", request->status,
			 body.n > 0 ? " - " : "", (int)body.n, body.p,
			 status_remedy(status, request->is_from_pprof));
}

static bool set_timeout(struct fetch *fetch)
{
	return error_set(&fetch->err, ERROR_LIMIT,
			 "http fetch: timeout: no answer for %" PRId64
			 " s: pass more with -timeout SECONDS",
			 fetch->url->timeout_seconds);
}

// The usual one as pprof's users know it.
static const char *connect_cause(long errnum)
{
	return errnum == ECONNREFUSED ? "connection refused" : strerror((int)errnum);
}

bool fetch_error_judge(struct fetch_request *request, CURLcode code)
{
	struct fetch *fetch = request->fetch;
	const struct curl_library *curl = request->session->curl;
	const char *cause = request->cause;
	long errnum = 0;

	if (code == CURLE_OK)
		return judge_status(request);
	if (request->is_stalled)
		return set_timeout(fetch);
	if (request->is_too_large)
		return error_set(&fetch->err, ERROR_LIMIT,
				 "http fetch: the answer is larger than %zu MiB, which "
				 "no profile needs: check the URL",
				 FETCH_LIMIT >> 20);
	curl->easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &errnum);
	if (code == CURLE_COULDNT_CONNECT && errnum > 0)
		return error_set(&fetch->err, ERROR_SYSTEM, "http fetch: connect: %s: %s",
				 connect_cause(errnum), remedy_of(code));
	if (*cause == '\0')
		cause = curl->easy_strerror(code);
	return error_set(&fetch->err,
			 code == CURLE_COULDNT_RESOLVE_HOST ? ERROR_NOT_FOUND
							    : ERROR_SYSTEM,
			 "http fetch: %s: %s", cause, remedy_of(code));
}
