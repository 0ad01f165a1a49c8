// One HTTP/1.1 request, taken apart (RFC 9112, RFC 9110). Allocates nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum {
	HTTP_HEAD_MAX = 8192,   // bytes of request line and headers
	HTTP_TARGET_MAX = 6144, // bytes of the target in them
	HTTP_BODY_MAX = 65536,
	HTTP_INPUT_MAX = HTTP_HEAD_MAX + HTTP_BODY_MAX,
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST };

// Views of the connection's input, valid until the request is answered. Fields that were
// not sent have no bytes.
struct http_request {
	enum http_method method;
	struct str path;  // unescaped; begins with '/', has no ".", "..", "//" or NUL
	struct str query; // as it came, without '?'
	struct str body;  // of a POST
	struct str host;  // with its port; of the target where that names one
	struct str origin, fetch_site, fetch_mode, fetch_dest;
	struct str authorization, cookie, accept_encoding, content_type;
	uint64_t body_size;     // as the head announces it
	bool is_http_1_0;       // answered without chunks
	bool keeps_alive;       // the client would use the connection again
	bool is_local;          // came over a Unix socket
	bool has_length;        // a Content-Length was sent
	bool has_host;          // a Host was sent
	bool waits_to_send;     // an Expect was sent
	bool wishes_keep_alive; // a Connection: keep-alive was sent
	bool wishes_close;      // a Connection: close was sent
};

// The length of the head with its empty line, 0: it has not ended yet.
size_t http_request_head_size(struct str input);

// Takes a whole head apart; the path is unescaped in place. 0, or the status to refuse it
// with; `why` is then one clause for people.
int http_request_parse(char *head, size_t size, struct http_request *out,
		       const char **why);
